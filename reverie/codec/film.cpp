// The halves of film_write.h and film_read.h that need no FFmpeg.
#include "reverie/base/late.h"
#include "reverie/codec/film_module.h"
#include "reverie/codec/film_names.h"
#include "reverie/codec/output_file.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

const FilmModule& module() { return *late(reverie_film_module, "reverie_film_module")(); }

}  // namespace

void check_film_output(const fs::path& path, const FilmOptions& options) {
  module().check_encoder(path, options.codec);
  check_output_file(path, options.overwrite);
}

FilmWriter::FilmWriter(const fs::path& path, std::int64_t width, std::int64_t height,
                       const FilmOptions& options, const NoticeSink& notices) {
  check_film_output(path, options);
  film_ = module().write_film(path, width, height, options, notices);
}
FilmWriter::~FilmWriter() = default;

void FilmWriter::add(const Frame& frame) { film_->add(frame); }
void FilmWriter::add(const Frame& frame, FrameTime time) { film_->add(frame, time); }
void FilmWriter::finish(bool cut) { film_->finish(cut); }

FilmReader::FilmReader(const fs::path& path, const NoticeSink& notices)
    : film_(module().read_film(path, notices)) {}
FilmReader::~FilmReader() = default;

const FilmInfo& FilmReader::info() const { return film_->info(); }
bool FilmReader::next(Frame& frame) { return film_->next(frame); }
bool FilmReader::skip() { return film_->skip(); }
void FilmReader::convert(Frame& frame) { film_->convert(frame); }
FrameTime FilmReader::time() const { return film_->time(); }
double FilmReader::seconds() const { return info().unit.seconds(time().start); }
std::int64_t FilmReader::skipped_packets() const { return film_->skipped(); }

std::string read_film_recipe(const fs::path& path) { return module().read_recipe(path); }

const std::vector<std::string>& film_extensions() {
  static const std::vector<std::string> extensions{"mp4", "webm", "mkv", "mov", "avi", "gif"};
  return extensions;
}

std::string film_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension;
}

bool is_film_name(const fs::path& path) {
  const std::string extension = film_extension(path);
  for (const std::string& known : film_extensions())
    if (extension == known) return true;
  return false;
}

}  // namespace reverie
