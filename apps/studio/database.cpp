#include "apps/studio/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "reverie/base/error.h"

namespace reverie::studio {
namespace {

[[noreturn]] void fail(sqlite3* database, const std::string& what) {
  throw FileFailure(fmt::format("{}: {}", what, sqlite3_errmsg(database)));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* database) const { sqlite3_close(database); }

Statement::Statement(sqlite3* database, const std::string& sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), static_cast<int>(sql.size()), &statement,
                         nullptr) != SQLITE_OK)
    fail(database, "the studio's database");
  statement_.reset(statement);
}

Statement& Statement::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), ++bound_, value);
  return *this;
}

Statement& Statement::bind(double value) {
  sqlite3_bind_double(statement_.get(), ++bound_, value);
  return *this;
}

Statement& Statement::bind(const std::string& value) {
  sqlite3_bind_text(statement_.get(), ++bound_, value.data(), static_cast<int>(value.size()),
                    SQLITE_TRANSIENT);
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) fail(database_, "the studio's database");
  return false;
}

std::int64_t Statement::whole(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr ? "" : std::string(bytes, static_cast<std::size_t>(size));
}

Database::Database(const std::filesystem::path& file, const char* schema, int layout) {
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open_v2(
      file.c_str(), &handle,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_NOFOLLOW,
      nullptr);
  handle_.reset(handle);
  if (opened != SQLITE_OK) fail(handle, fmt::format("cannot open '{}'", file.string()));
  run("PRAGMA journal_mode = WAL");
  run("PRAGMA synchronous = FULL");
  Statement version = prepare("PRAGMA user_version");
  version.step();
  const std::int64_t found = version.whole(0);
  version.step();
  if (found > layout)
    throw FileFailure(fmt::format("'{}' is of a later version of the studio (layout {}, here {})",
                                  file.string(), found, layout));
  if (found == 0) {
    run("BEGIN IMMEDIATE");
    run(schema);
    run(fmt::format("PRAGMA user_version = {}", layout));
    run("COMMIT");
  }
}

void Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(handle_.get(), "the studio's database");
}

}  // namespace reverie::studio
