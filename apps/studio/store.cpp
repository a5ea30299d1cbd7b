#include "apps/studio/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "apps/studio/ids.h"
#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/job/dream_file.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int layout = 1;
constexpr const char* schema =
#include "apps/studio/schema.inc"
    ;

constexpr const char* dream_columns =
    "id, parent, basis, kind, made, name, star, note, source, source_name, network, layers_json, "
    "width, height, frames, seconds, file, bytes, document_json, deleted, lost";

Dream dream_of(const Statement& row) {
  Dream dream;
  dream.id = row.text(0);
  dream.parent = row.text(1);
  dream.basis = row.text(2);
  dream.kind = row.text(3);
  dream.made = row.whole(4);
  dream.name = row.text(5);
  dream.star = row.whole(6) != 0;
  dream.note = row.text(7);
  dream.source = row.text(8);
  dream.source_name = row.text(9);
  dream.network = row.text(10);
  const Json layers = Json::parse(row.text(11), nullptr, false);
  if (layers.is_array())
    for (const Json& layer : layers)
      if (layer.is_string()) dream.layers.push_back(layer.get<std::string>());
  dream.width = row.whole(12);
  dream.height = row.whole(13);
  dream.frames = static_cast<int>(row.whole(14));
  dream.seconds = row.real(15);
  dream.file = row.text(16);
  dream.bytes = row.whole(17);
  dream.document = row.text(18);
  dream.deleted = row.whole(19);
  dream.lost = row.whole(20) != 0;
  return dream;
}

constexpr const char* asset_columns =
    "id, kind, name, type, file, width, height, bytes, made, dream";

Asset asset_of(const Statement& row) {
  Asset asset;
  asset.id = row.text(0);
  asset.kind = row.text(1);
  asset.name = row.text(2);
  asset.type = row.text(3);
  asset.file = row.text(4);
  asset.width = row.whole(5);
  asset.height = row.whole(6);
  asset.bytes = row.whole(7);
  asset.made = row.whole(8);
  asset.dream = row.whole(9) != 0;
  return asset;
}

// A name of one's own for a file that came with `name`: one component, without what could confuse.
std::string safe_name(const std::string& name) {
  std::string safe;
  for (const char letter : name)
    if (static_cast<unsigned char>(letter) >= 32 && letter != '/' && letter != '\\' &&
        letter != 127)
      safe += letter;
  while (!safe.empty() && (safe.front() == '.' || safe.front() == '-')) safe.erase(0, 1);
  if (safe.size() > 120) safe = safe.substr(safe.size() - 120);
  return safe.empty() ? "file" : safe;
}

void flush_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

std::string like_text(const std::string& text) {
  std::string pattern = "%";
  for (const char letter : text) {
    if (letter == '%' || letter == '_' || letter == '\\') pattern += '\\';
    pattern += letter;
  }
  return pattern + "%";
}

}  // namespace

Store::Store(const fs::path& folder, const NoticeSink& notices) : folder_(folder) {
  make_folder(folder_);
  std::error_code ignored;
  fs::permissions(folder_, fs::perms::owner_all, ignored);
  lock_folder();
  for (const char* part : {"assets", "dreams", "thumbs", "incoming"}) make_folder(folder_ / part);
  for (const auto& left : fs::directory_iterator(folder_ / "incoming"))
    fs::remove_all(left, ignored);
  database_.emplace(folder_ / "studio.db", schema, layout);
  mark_lost_dreams(notices);
  adopt_dreams(notices);
}

Store::~Store() {
  if (lock_ >= 0) ::close(lock_);
}

void Store::lock_folder() {
  lock_ = ::open((folder_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_ < 0)
    throw FileFailure(fmt::format("cannot write to the studio's folder '{}'", folder_.string()));
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0)
    throw FileFailure(fmt::format(
        "another studio works in '{}'; end it, or choose another --folder", folder_.string()));
}

// ---- Files and rows that lost each other

void Store::mark_lost_dreams(const NoticeSink& notices) {
  Statement all = database_->prepare("SELECT id, file, lost FROM dream");
  std::vector<std::pair<std::string, bool>> changed;
  while (all.step()) {
    std::error_code ignored;
    const bool lost = !fs::exists(folder_ / "dreams" / all.text(1), ignored);
    if (lost != (all.whole(2) != 0)) changed.emplace_back(all.text(0), lost);
  }
  for (const auto& [id, lost] : changed) {
    database_->prepare("UPDATE dream SET lost = ? WHERE id = ?")
        .bind(std::int64_t{lost})
        .bind(id)
        .run();
    if (lost && notices) notices(fmt::format("the file of dream {} is gone", id));
  }
}

void Store::adopt_dreams(const NoticeSink& notices) {
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "dreams", ignored)) {
    const fs::path& path = entry.path();
    if (!entry.is_regular_file() || path.extension() == ".json") continue;
    const std::string id = path.stem().string();
    if (!is_dream_id(id)) continue;
    Statement known = database_->prepare("SELECT 1 FROM dream WHERE id = ?");
    if (known.bind(id).step()) continue;
    try {
      Dream dream;
      dream.id = id;
      dream.file = fs::relative(path, folder_ / "dreams").string();
      complete_from_file(dream, path);
      read_notes(dream);
      insert(dream);
    } catch (const Error& error) {
      if (notices) notices(fmt::format("'{}' is not adopted: {}", path.string(), error.what()));
    }
  }
}

void complete_from_file(Dream& dream, const fs::path& path) {
  const DreamDocument document = read_dream_document(path);
  dream.parent = document.history.parent;
  dream.basis = document.history.basis;
  dream.kind = document.zoom ? "zoom" : document.video ? "video" : "image";
  dream.source_name = document.source.name;
  dream.network = document.network.name;
  dream.layers = document.network.layers;
  dream.document = document_to_json(document, -1);
  dream.bytes = static_cast<std::int64_t>(fs::file_size(path));
  const auto age = fs::last_write_time(path) - fs::file_time_type::clock::now();
  if (dream.made == 0)
    dream.made = now_ms() + std::chrono::duration_cast<std::chrono::milliseconds>(age).count();
  if (dream.kind == "image" && dream.width == 0) {
    const PictureInfo info = read_image_info(path);
    dream.width = info.width;
    dream.height = info.height;
  }
  if (dream.name.empty()) dream.name = fs::path(dream.source_name).stem().string();
}

namespace {

// What the user said of a dream and where its picture is: calls note(key, value) for each.
template <class D, class Note>
void describe_notes(D& dream, Note note) {
  note("name", dream.name);
  note("star", dream.star);
  note("note", dream.note);
  note("source", dream.source);
  note("source_name", dream.source_name);
  note("kind", dream.kind);
  note("made", dream.made);
  note("frames", dream.frames);
  note("width", dream.width);
  note("height", dream.height);
  note("seconds", dream.seconds);
  note("deleted", dream.deleted);
}

}  // namespace

// They lie in a file beside the dream, so that the database can be made again.
void Store::write_notes(const Dream& dream) const {
  Json notes = Json::object();
  describe_notes(dream, [&](const char* key, const auto& value) { notes[key] = value; });
  fs::path path = path_of(dream);
  path.replace_extension(".json");
  write_atomically(path, notes.dump(1, ' ', false, Json::error_handler_t::replace), true);
}

void Store::read_notes(Dream& dream) const {
  fs::path path = path_of(dream);
  path.replace_extension(".json");
  std::ifstream file(path);
  const Json notes = Json::parse(file, nullptr, false);
  if (!notes.is_object()) return;
  describe_notes(dream, [&](const char* key, auto& value) {
    try {
      if (notes.contains(key)) notes.at(key).get_to(value);
    } catch (const Json::exception&) {  // edited by hand: what is not understood is left
    }
  });
}

// ---- Assets

Asset Store::add_asset(const fs::path& file, Asset facts) {
  const std::lock_guard lock(mutex_);
  const std::optional<Asset> there = asset_row(facts.id);
  if (there && fs::exists(path_of(*there))) return *there;
  facts.name = safe_name(facts.name);
  facts.made = now_ms();
  const fs::path folder = fs::path(facts.id.substr(0, 2)) / facts.id;
  facts.file = (folder / facts.name).string();
  make_folder(folder_ / "assets" / folder);
  replace_file(file, path_of(facts));
  flush_folder(folder_ / "assets" / folder);
  database_
      ->prepare(fmt::format(
          "INSERT OR REPLACE INTO asset ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", asset_columns))
      .bind(facts.id)
      .bind(facts.kind)
      .bind(facts.name)
      .bind(facts.type)
      .bind(facts.file)
      .bind(facts.width)
      .bind(facts.height)
      .bind(facts.bytes)
      .bind(facts.made)
      .bind(std::int64_t{facts.dream})
      .run();
  return facts;
}

std::optional<Asset> Store::asset(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return asset_row(id);
}

std::optional<Asset> Store::asset_row(const std::string& id) {
  Statement row =
      database_->prepare(fmt::format("SELECT {} FROM asset WHERE id = ?", asset_columns));
  if (!row.bind(id).step()) return std::nullopt;
  return asset_of(row);
}

fs::path Store::path_of(const Asset& asset) const { return folder_ / "assets" / asset.file; }

// ---- Dreams

fs::path Store::new_dream_path(const std::string& id, const std::string& extension) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  const fs::path folder =
      folder_ / "dreams" / fmt::format("{:04}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1);
  make_folder(folder);
  return folder / (id + extension);
}

fs::path Store::path_of(const Dream& dream) const { return folder_ / "dreams" / dream.file; }

void Store::add_dream(const Dream& dream) {
  const std::lock_guard lock(mutex_);
  write_notes(dream);
  flush_folder(path_of(dream).parent_path());
  insert(dream);
}

void Store::insert(const Dream& dream) {
  database_
      ->prepare(fmt::format("INSERT OR REPLACE INTO dream ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
                            "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            dream_columns))
      .bind(dream.id)
      .bind(dream.parent)
      .bind(dream.basis)
      .bind(dream.kind)
      .bind(dream.made)
      .bind(dream.name)
      .bind(std::int64_t{dream.star})
      .bind(dream.note)
      .bind(dream.source)
      .bind(dream.source_name)
      .bind(dream.network)
      .bind(Json(dream.layers).dump())
      .bind(dream.width)
      .bind(dream.height)
      .bind(std::int64_t{dream.frames})
      .bind(dream.seconds)
      .bind(dream.file)
      .bind(dream.bytes)
      .bind(dream.document)
      .bind(dream.deleted)
      .bind(std::int64_t{dream.lost})
      .run();
}

std::vector<Dream> Store::select(Statement& statement) {
  std::vector<Dream> found;
  while (statement.step()) found.push_back(dream_of(statement));
  return found;
}

std::optional<Dream> Store::dream(const std::string& id) {
  const std::lock_guard lock(mutex_);
  Statement row =
      database_->prepare(fmt::format("SELECT {} FROM dream WHERE id = ?", dream_columns));
  if (!row.bind(id).step()) return std::nullopt;
  return dream_of(row);
}

DreamPage Store::dreams(const DreamQuery& query) {
  std::string where = query.bin ? "deleted > 0" : "deleted = 0";
  std::vector<std::string> texts;
  if (query.star) where += " AND star = 1";
  if (!query.kind.empty()) where += " AND kind = ?", texts.push_back(query.kind);
  if (!query.layer.empty())
    where += " AND layers_json LIKE ? ESCAPE '\\'", texts.push_back(like_text(query.layer));
  if (!query.text.empty()) {
    where += " AND (name || ' ' || note || ' ' || source_name) LIKE ? ESCAPE '\\'";
    texts.push_back(like_text(query.text));
  }
  const std::lock_guard lock(mutex_);
  DreamPage page;
  Statement count = database_->prepare("SELECT count(*) FROM dream WHERE " + where);
  for (const std::string& text : texts) count.bind(text);
  count.step();
  page.total = count.whole(0);
  Statement rows = database_->prepare(
      fmt::format("SELECT {} FROM dream WHERE {}{} ORDER BY id DESC LIMIT ?", dream_columns, where,
                  query.before.empty() ? "" : " AND id < ?"));
  for (const std::string& text : texts) rows.bind(text);
  if (!query.before.empty()) rows.bind(query.before);
  rows.bind(std::int64_t{query.limit} + 1);
  page.dreams = select(rows);
  if (page.dreams.size() > static_cast<std::size_t>(query.limit)) {
    page.dreams.pop_back();
    page.next = page.dreams.back().id;
  }
  return page;
}

namespace {
// A dream and its ancestors, nearest first; a circle, which only edited files could make, ends.
constexpr const char* ancestry =
    "WITH RECURSIVE up(id, parent, depth) AS (SELECT id, parent, 0 FROM dream WHERE id = ? "
    "UNION SELECT dream.id, dream.parent, up.depth + 1 FROM dream, up WHERE dream.id = up.parent "
    "AND up.depth < 10000) ";
}  // namespace

std::vector<Dream> Store::ancestors(const std::string& id) {
  const std::lock_guard lock(mutex_);
  Statement rows = database_->prepare(
      fmt::format("{} SELECT {} FROM dream WHERE id IN (SELECT id FROM up) ORDER BY id", ancestry,
                  dream_columns));
  rows.bind(id);
  return select(rows);
}

std::vector<Dream> Store::children(const std::string& id) {
  const std::lock_guard lock(mutex_);
  Statement rows = database_->prepare(fmt::format(
      "SELECT {} FROM dream WHERE parent = ? AND deleted = 0 ORDER BY id", dream_columns));
  rows.bind(id);
  return select(rows);
}

std::vector<Dream> Store::whole_tree(const std::string& id) {
  std::string root = id, source;
  {
    const std::lock_guard lock(mutex_);
    Statement rows = database_->prepare(fmt::format(
        "{} SELECT dream.id, dream.source FROM dream, up WHERE dream.id = up.id ORDER BY "
        "up.depth DESC LIMIT 1",
        ancestry));
    if (!rows.bind(id).step()) return {};
    root = rows.text(0);
    source = rows.text(1);
  }
  return source.rfind("asset:", 0) == 0 ? tree_of_source(source) : below("id = ?", root);
}

std::vector<Dream> Store::tree_of_source(const std::string& source) {
  return below("source = ? AND parent = ''", source);
}

// The dreams that a condition names, and all that came of them.
std::vector<Dream> Store::below(const char* condition, const std::string& value) {
  const std::lock_guard lock(mutex_);
  Statement rows = database_->prepare(
      fmt::format("WITH RECURSIVE down(id) AS (SELECT id FROM dream WHERE {} UNION SELECT dream.id "
                  "FROM dream, down WHERE dream.parent = down.id) SELECT {} FROM dream WHERE id IN "
                  "(SELECT id FROM down) AND deleted = 0 ORDER BY id",
                  condition, dream_columns));
  rows.bind(value);
  return select(rows);
}

void Store::update_dream(const Dream& dream) {
  const std::lock_guard lock(mutex_);
  write_notes(dream);
  database_->prepare("UPDATE dream SET name = ?, star = ?, note = ?, deleted = ? WHERE id = ?")
      .bind(dream.name)
      .bind(std::int64_t{dream.star})
      .bind(dream.note)
      .bind(dream.deleted)
      .bind(dream.id)
      .run();
}

int Store::empty_bin(std::int64_t since) {
  const std::lock_guard lock(mutex_);
  Statement rows = database_->prepare(
      fmt::format("SELECT {} FROM dream WHERE deleted > 0 AND deleted <= ?", dream_columns));
  rows.bind(since);
  const std::vector<Dream> gone = select(rows);
  for (const Dream& dream : gone) {
    database_->prepare("DELETE FROM dream WHERE id = ?").bind(dream.id).run();
    std::error_code ignored;
    fs::path path = path_of(dream);
    fs::remove_all(path, ignored);
    fs::remove(path.replace_extension(".json"), ignored);
    for (const auto& thumb : fs::directory_iterator(folder_ / "thumbs", ignored))
      if (thumb.path().filename().string().rfind(dream.id, 0) == 0) fs::remove_all(thumb, ignored);
  }
  return static_cast<int>(gone.size());
}

// ---- References

std::optional<fs::path> Store::referenced(const std::string& reference) {
  if (reference.rfind("asset:", 0) == 0 && is_asset_id(reference.substr(6))) {
    const std::optional<Asset> found = asset(reference.substr(6));
    if (found) return path_of(*found);
  } else if (reference.rfind("dream:", 0) == 0 && is_dream_id(reference.substr(6))) {
    const std::optional<Dream> found = dream(reference.substr(6));
    if (found) return path_of(*found);
  }
  return std::nullopt;
}

std::string Store::name_of(const std::string& reference) {
  if (reference.rfind("asset:", 0) == 0)
    if (const auto found = asset(reference.substr(6))) return found->name;
  if (reference.rfind("dream:", 0) == 0)
    if (const auto found = dream(reference.substr(6))) return found->source_name;
  return "";
}

// ---- The queue, and what is remembered

void Store::save_job(const StoredJob& job, std::int64_t place) {
  const std::lock_guard lock(mutex_);
  database_->prepare("INSERT OR REPLACE INTO job (id, place, request_json) VALUES (?, ?, ?)")
      .bind(job.id)
      .bind(place)
      .bind(job.request)
      .run();
}

void Store::remove_job(const std::string& id) {
  const std::lock_guard lock(mutex_);
  database_->prepare("DELETE FROM job WHERE id = ?").bind(id).run();
}

std::vector<StoredJob> Store::jobs() {
  const std::lock_guard lock(mutex_);
  std::vector<StoredJob> found;
  Statement rows = database_->prepare("SELECT id, request_json FROM job ORDER BY place, id");
  while (rows.step()) found.push_back({rows.text(0), rows.text(1)});
  return found;
}

std::string Store::remembered(const std::string& key) {
  const std::lock_guard lock(mutex_);
  Statement row = database_->prepare("SELECT value FROM remembered WHERE key = ?");
  return row.bind(key).step() ? row.text(0) : "";
}

void Store::remember(const std::string& key, const std::string& value) {
  const std::lock_guard lock(mutex_);
  database_->prepare("INSERT OR REPLACE INTO remembered (key, value) VALUES (?, ?)")
      .bind(key)
      .bind(value)
      .run();
}

}  // namespace reverie::studio
