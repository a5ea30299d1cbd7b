// database.h: SQLite's connection and prepared statements, with errors as exceptions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace reverie::studio {

// One prepared statement that runs. Values are bound in the order of their question marks.
class Statement {
 public:
  Statement(sqlite3* database, const std::string& sql);

  Statement& bind(std::int64_t value);
  Statement& bind(double value);
  Statement& bind(const std::string& value);

  // The next row; false when there is none (left). Errors: FileFailure.
  bool step();
  void run() {
    while (step()) {
    }
  }

  // Columns of the row, from 0.
  std::int64_t whole(int column) const;
  double real(int column) const;
  std::string text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
};

// One connection. One thread at a time.
class Database {
 public:
  // Opens or makes the file; every change is on the disk when its statement returns. `schema` makes
  // the tables of a new one. Errors: FileFailure, also for a file of a later layout.
  Database(const std::filesystem::path& file, const char* schema, int layout);

  Statement prepare(const std::string& sql) { return Statement(handle_.get(), sql); }
  void run(const std::string& sql);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace reverie::studio
