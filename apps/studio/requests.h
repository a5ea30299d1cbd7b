// requests.h: from what a page orders to a job of the library. Nothing that a page sends is used as
// a path: files are named as "asset:ID" or "dream:ID".
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "apps/studio/store.h"
#include "reverie/base/cancel.h"
#include "reverie/job/job_spec.h"
#include "reverie/recipe/recipe_files.h"

namespace reverie::studio {

// In the order in which they are worked off.
enum class JobClass { look, draft, dream, film, idle };

const char* to_string(JobClass what);

// What was ordered. `spec` has no inputs and no output path yet.
struct JobRequest {
  std::string id, name, parent, basis, source;
  JobClass what = JobClass::dream;
  JobSpec spec;
  std::string fetch;     // a network to download instead of a dream
  std::string look_key;  // of a look tile: the file in thumbs/ that it becomes
  // The studio's own work instead of a dream, on the engine's thread: a look at a place, channels
  // of the atlas. It stands in no list that the page shows.
  std::function<void(const CancelToken& cancel)> task;
};

// Errors: BadRecipe, BadJob with the library's own sentences; BadRecipe for a file that is named
// otherwise than by reference, and for a network or preset that is no known name.
JobRequest job_request(const nlohmann::ordered_json& order, Store& store);

// The files that a recipe names, from the store alone.
std::shared_ptr<const RecipeFiles> files_of(Store& store);

// The text form of an order, to keep it in the queue. job_request(order_of(r)) == r, without the
// id.
std::string request_to_json(const JobRequest& request);

// The same dream as a command line, with the names that the files had when they came.
std::string command_line(const JobRequest& request, Store& store);

// The recipe's cost, in millions of pixels and steps, for a picture of this size.
double cost_of(const Recipe& recipe, std::int64_t width, std::int64_t height);

// The size of the dream of a picture of this size.
std::pair<std::int64_t, std::int64_t> dreamed_size(const Recipe& recipe, std::int64_t width,
                                                   std::int64_t height);

}  // namespace reverie::studio
