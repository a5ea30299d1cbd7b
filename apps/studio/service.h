// service.h: the whole studio: its store, its queue, the thread that dreams, and the server.
#pragma once

#include <memory>
#include <string>

#include "apps/studio/options.h"
#include "reverie/base/notice.h"

namespace reverie::studio {

// Serves from construction to destruction, which ends what is at work: a still begins again next
// time, a film goes on. One owner.
class Service {
 public:
  // Errors: FileFailure for a folder that cannot be used or ports that are taken; BadJob for a size
  // that is not understood; as keep_asset for the inputs.
  explicit Service(const Options& options, const NoticeSink& notices = {});
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  int port() const;
  const std::string& token() const;
  // Where the page is, with its key.
  std::string url() const;

  // Finds dead connections; to be called every 15 s or so.
  void tick();
  // Tells the pages that the studio leaves.
  void say_bye();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

// A file that only its owner can read. Errors: FileFailure.
void write_private(const std::filesystem::path& path, const std::string& text);

}  // namespace reverie::studio
