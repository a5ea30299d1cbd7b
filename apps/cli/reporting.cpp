#include "apps/cli/reporting.h"

#include <fmt/format.h>
#include <unistd.h>

#include "apps/cli/interrupt.h"
#include "reverie/base/error.h"

namespace reverie::cli {
namespace {

std::string summary(const ImageReport& report) {
  return fmt::format("{}: {}x{}, {}", report.output == "-" ? "standard output" : report.output,
                     report.width, report.height, duration_text(report.seconds));
}

std::string summary(const VideoReport& report) {
  if (!report.folder.empty())
    return fmt::format("{}: {} frames ({} new) in '{}'", report.output, report.frames,
                       report.frames - report.resumed, report.folder);
  const std::string size =
      report.width > 0 ? fmt::format(" of {}x{}", report.width, report.height) : "";
  return fmt::format("{}: {} frames{}, {}", report.output, report.frames, size,
                     duration_text(report.seconds));
}

std::string summary(const SheetReport& report) {
  if (report.layer.empty())
    return fmt::format("{}: {} of {} pictures", report.output, report.finished, report.cells);
  return fmt::format("{}: {} channels of {}", report.output, report.channels.size(), report.layer);
}

std::string table(const SheetReport& report) {
  std::string text = fmt::format("RANK  CHANNEL  RESPONSE of {}\n", report.layer);
  for (std::size_t i = 0; i < report.channels.size(); ++i)
    text += fmt::format("{:>4}  {:>7}  {:.4g}\n", i + 1, report.channels[i].first,
                        report.channels[i].second.value_or(0));
  return text;
}

// A job's events on a terminal.
class TerminalEvents : public Events {
 public:
  TerminalEvents(const JobSpec& spec, const FetchArguments& fetch, Terminal& terminal)
      : spec_(spec), fetch_(fetch), terminal_(terminal) {}

  void message(const std::string& line) override { terminal_.info(line); }
  void debug(const std::string& line) override { terminal_.debug(line); }
  void progress(const JobProgress& at) override { terminal_.progress(at); }
  void image_finished(const ImageReport& report) override {
    terminal_.end_progress();
    if (report.cancelled)
      terminal_.info(fmt::format("interrupted; {} octave{} of '{}' kept in '{}'", report.octaves,
                                 report.octaves == 1 ? "" : "s", report.input, report.output));
    else
      terminal_.info(summary(report));
  }
  void failed(const JobFailure& failure) override { terminal_.error(failure.error); }
  void channels_ranked(const SheetReport& report) override {
    if (!terminal_.json && spec_.output.path != "-") terminal_.print(table(report));
  }
  bool may_download(const ZooNetwork& network) override {
    return agreed_to_download(network, fetch_, terminal_);
  }
  void downloading(const FetchProgress& at) override { terminal_.progress(transfer_.at(at)); }

 private:
  const JobSpec& spec_;
  const FetchArguments& fetch_;
  Terminal& terminal_;
  TransferSpeed transfer_;
};

// Errors: UsageError.
void check_standard_output(const JobSpec& spec, const Terminal& terminal) {
  bool is_used = spec.output.path == "-";
  if (spec.kind == JobKind::image)
    for (const PlannedImage& image : planned_images(spec)) is_used = is_used || image.output == "-";
  if (is_used && terminal.json)
    throw UsageError("--json and a picture cannot both go to standard output; name a file with -o");
  if (is_used && spec.output.path.empty() && isatty(STDOUT_FILENO))
    throw UsageError("a picture cannot be shown in a terminal; name a file with -o");
}

void report(const VideoReport& video, bool tells_flicker, bool as_json, Terminal& terminal) {
  if (as_json) terminal.print(report_to_json(video) + "\n");
  if (tells_flicker && video.measured > 0)
    terminal.info(
        fmt::format("flicker: {:.2f} of 255 levels between frames after motion compensation "
                    "(source: {:.2f}); {} scenes",
                    video.flicker, video.source_flicker, video.scenes));
  if (!video.cancelled || !video.folder.empty()) terminal.info(summary(video));
}

void report(const SheetReport& sheet, Terminal& terminal) {
  const bool is_atlas = !sheet.layer.empty();
  if (is_atlas && sheet.cancelled) return;
  if (terminal.json) terminal.print(report_to_json(sheet) + "\n");
  if (!sheet.output.empty()) terminal.info(summary(sheet));
}

void report_images(const JobSpec& spec, const JobResult& result, Terminal& terminal) {
  if (spec.kind == JobKind::redo) {
    if (terminal.json && !result.images.empty())
      terminal.print(report_to_json(result.images[0]) + "\n");
    if (!result.images.empty()) terminal.info(summary(result.images[0]));
    return;
  }
  if (terminal.json) terminal.print(result_to_json(result) + "\n");
  if (result.inputs > 1)
    terminal.info(fmt::format(
        "{} of {} pictures dreamed{}", result.images.size(), result.inputs,
        result.failures.empty() ? "" : fmt::format(", {} failed", result.failures.size())));
}

}  // namespace

int run_job(const JobSpec& spec, const FetchArguments& fetch, Session& session) {
  Terminal& terminal = session.terminal;
  watch_interrupts(session.cancel);
  TerminalEvents events(spec, fetch, terminal);
  check_standard_output(spec, terminal);
  const JobResult result = run(spec, events, session.cancel);
  terminal.end_progress();
  const bool are_several = spec.kind == JobKind::video && result.inputs > 1;
  if (are_several && terminal.json) terminal.print(result_to_json(result) + "\n");
  for (const VideoReport& video : result.videos)
    report(video, spec.measure_flicker, terminal.json && !are_several, terminal);
  for (const SheetReport& sheet : result.sheets) report(sheet, terminal);
  if (are_several)
    terminal.info(fmt::format("{} of {} videos dreamed", result.videos.size(), result.inputs));
  else if (result.videos.empty() && result.sheets.empty())
    report_images(spec, result, terminal);
  if (result.cancelled) return interrupted;
  return result.failures.empty() ? done : failed;
}

}  // namespace reverie::cli
