// store.h: everything the studio keeps: dreams and uploads as files, and a database about them that
// can be made again from the files alone.
//
//   FOLDER/studio.db   assets/ab/ab34.../NAME   dreams/2026-11/01J....png (and .json: name, star,
//   note) FOLDER/thumbs/     smaller pictures, which can be made again   FOLDER/lock
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "apps/studio/database.h"
#include "reverie/base/notice.h"

namespace reverie::studio {

// A finished dream. Fields as in schema.sql.
struct Dream {
  std::string id, parent, basis, kind;
  std::int64_t made = 0;
  std::string name;
  bool star = false;
  std::string note, source, source_name, network;
  std::vector<std::string> layers;
  std::int64_t width = 0, height = 0;
  int frames = 0;
  double seconds = 0;
  std::string file;
  std::int64_t bytes = 0;
  std::string document;
  std::int64_t deleted = 0;
  bool lost = false;
};

// Something that was brought: a picture, a video, a recipe.
struct Asset {
  std::string id, kind, name, type, file;
  std::int64_t width = 0, height = 0, bytes = 0, made = 0;
  bool dream = false;
};

struct DreamQuery {
  std::string before;       // only older ones than this id; empty: from the newest
  bool star = false;        // only those
  bool bin = false;         // those in the bin instead of the others
  std::string kind, layer;  // empty: any
  std::string text;         // in the name, the note or the source's name
  int limit = 60;
};

struct DreamPage {
  std::vector<Dream> dreams;
  std::string next;        // for the next page's `before`; empty: this was the last
  std::int64_t total = 0;  // of all pages
};

// A job that waits or is at work, as it was ordered.
struct StoredJob {
  std::string id, request;
};

// What the file of a dream says of it: its document, its size, its place in the history. Errors: as
// read_dream_document, read_image.
void complete_from_file(Dream& dream, const std::filesystem::path& path);

// Any thread; every function waits for its turn.
class Store {
 public:
  // Makes the folder (for its owner alone) if it is not there, opens the database, and compares it
  // with the files: dreams whose files are gone are marked, files without a row are adopted.
  // Errors: FileFailure, also when another studio uses the folder.
  explicit Store(const std::filesystem::path& folder, const NoticeSink& notices = {});
  ~Store();

  const std::filesystem::path& folder() const { return folder_; }

  // ---- Assets. The file moves into the store; one that is there already is the older one.
  Asset add_asset(const std::filesystem::path& file, Asset facts);
  std::optional<Asset> asset(const std::string& id);
  std::filesystem::path path_of(const Asset& asset) const;

  // ---- Dreams
  // Where the file of a new dream goes; its folder is made.
  std::filesystem::path new_dream_path(const std::string& id, const std::string& extension);
  void add_dream(const Dream& dream);
  std::optional<Dream> dream(const std::string& id);
  std::filesystem::path path_of(const Dream& dream) const;
  DreamPage dreams(const DreamQuery& query);
  std::vector<Dream> ancestors(const std::string& id);  // from the root to the dream itself
  std::vector<Dream> children(const std::string& id);   // oldest first
  // All dreams that began with the same picture, or with the same root, oldest first.
  std::vector<Dream> whole_tree(const std::string& id);
  std::vector<Dream> tree_of_source(const std::string& source);  // "asset:ID"
  // Name, star, note and bin of the dream become those given.
  void update_dream(const Dream& dream);
  // Deletes dreams in the bin: those that are there since before `since`, in ms.
  int empty_bin(std::int64_t since);

  // The file that "asset:ID" or "dream:ID" stands for; nothing where there is none.
  std::optional<std::filesystem::path> referenced(const std::string& reference);
  std::string name_of(const std::string& reference);

  // ---- The queue
  void save_job(const StoredJob& job, std::int64_t place);
  void remove_job(const std::string& id);
  std::vector<StoredJob> jobs();

  // ---- What is remembered by name; empty: nothing
  std::string remembered(const std::string& key);
  void remember(const std::string& key, const std::string& value);

  // A file in thumbs/.
  std::filesystem::path thumb(const std::string& name) const { return folder_ / "thumbs" / name; }

 private:
  void lock_folder();
  void mark_lost_dreams(const NoticeSink& notices);
  void adopt_dreams(const NoticeSink& notices);
  void insert(const Dream& dream);
  void write_notes(const Dream& dream) const;
  void read_notes(Dream& dream) const;
  std::optional<Asset> asset_row(const std::string& id);
  std::vector<Dream> select(Statement& statement);
  std::vector<Dream> below(const char* condition, const std::string& value);

  std::filesystem::path folder_;
  int lock_ = -1;
  std::mutex mutex_;
  std::optional<Database> database_;
};

}  // namespace reverie::studio
