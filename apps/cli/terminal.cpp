#include "apps/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string_view>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/job/networks.h"

namespace reverie::cli {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

// One line whatever a file's name in it holds.
void write_error_line(const std::string& line) {
  const std::string text = "reverie: " + one_line(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

// "[###.....] " in at most `columns`, 24 cells long at most; empty where that would be too short.
std::string bar(double fraction, std::size_t columns) {
  const std::size_t cells = std::min<std::size_t>(24, columns < 3 ? 0 : columns - 3);
  if (cells < 5) return "";
  const auto filled =
      static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(cells));
  return fmt::format("[{}{}] ", std::string(filled, '#'), std::string(cells - filled, '.'));
}

// Whether the terminal understands the escapes that redraw a line.
bool can_redraw() {
  const char* const kind = std::getenv("TERM");
  return kind != nullptr && std::string_view(kind) != "dumb";
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(std::max(0.0, seconds)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

Terminal::Terminal() : is_terminal_(isatty(STDERR_FILENO) == 1 && can_redraw()) {}

void Terminal::info(const std::string& line) {
  if (quiet) return;
  end_progress();
  write_error_line(line);
}

void Terminal::debug(const std::string& line) {
  if (verbose) info(line);
}

void Terminal::error(const std::string& line) {
  end_progress();
  write_error_line(line);
}

NoticeSink Terminal::notices() {
  return [this](const std::string& line) { info(line); };
}

void Terminal::progress(const JobProgress& at) {
  if (quiet) return;
  if (at.unit == JobProgress::Unit::octave)
    progress_of_octaves(at);
  else
    progress_of_parts(at);
}

void Terminal::progress_of_octaves(const JobProgress& at) {
  if (is_terminal_) {
    if (!is_time(at.fraction)) return;
    std::string text = fmt::format("{:3.0f} %  octave {}/{}  iteration {:>2}/{}  objective {:.2e}",
                                   100 * at.fraction, at.octave, at.octaves, at.iteration,
                                   at.iterations, at.objective);
    if (at.seconds_left >= 0) text += fmt::format("  {} left", duration_text(at.seconds_left));
    draw(at.subject, at.fraction, text);
    return;
  }

  // Elsewhere, for instance in a log: when an octave is done, and now and then in a long one
  const auto now = std::chrono::steady_clock::now();
  const bool octave_done = at.iteration == at.iterations;
  if (drawn_ == std::chrono::steady_clock::time_point{}) drawn_ = now;
  if (!octave_done && now - drawn_ < std::chrono::seconds(30)) return;
  drawn_ = now;
  std::string line = fmt::format("{}: octave {} of {}", at.subject, at.octave, at.octaves);
  if (!octave_done) line += fmt::format(", iteration {} of {}", at.iteration, at.iterations);
  line += fmt::format(", objective {:.4g}", at.objective);
  const bool dream_done = octave_done && at.octave == at.octaves;
  if (!dream_done && at.seconds_left >= 0)
    line += fmt::format(", {} left", duration_text(at.seconds_left));
  write_error_line(line);
}

void Terminal::progress_of_parts(const JobProgress& at) {
  const char* const part = at.unit == JobProgress::Unit::frame ? "frame" : "channel";
  std::string text = fmt::format("{} {}/{}", part, at.done, at.total);
  if (at.per_second > 0) text += fmt::format("  {:.2f} fps", at.per_second);
  if (at.seconds_left >= 0 && at.done < at.total)
    text += fmt::format("  {} left", duration_text(at.seconds_left));
  if (is_terminal_) {
    if (is_time(at.fraction)) draw(at.subject, at.fraction, text);
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  const bool is_due =
      at.done <= 1 || at.done == at.total || now - drawn_ >= std::chrono::seconds(10);
  if (!is_due) return;
  drawn_ = now;
  write_error_line(at.subject + ": " + text);
}

void Terminal::progress(const Transfer& transfer) {
  if (quiet) return;
  const auto done = static_cast<double>(transfer.done), total = static_cast<double>(transfer.total);
  const double fraction = total > 0 ? done / total : 0;
  std::string text = total > 0 ? fmt::format("{:3.0f} %  {} of {}", 100 * fraction,
                                             bytes_text(transfer.done), bytes_text(transfer.total))
                               : bytes_text(transfer.done);
  if (transfer.bytes_per_s > 0) {
    text += fmt::format("  {}/s", bytes_text(static_cast<std::uintmax_t>(transfer.bytes_per_s)));
    if (total > done)
      text += fmt::format("  {} left", duration_text((total - done) / transfer.bytes_per_s));
  }
  if (is_terminal_) {
    if (is_time(fraction)) draw(transfer.subject, fraction, text);
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ == std::chrono::steady_clock::time_point{}) drawn_ = now;
  if (now - drawn_ < std::chrono::seconds(10)) return;
  drawn_ = now;
  write_error_line(transfer.subject + ": " + text);
}

// Ten times a second is as much as anybody can read.
bool Terminal::is_time(double fraction) {
  const auto now = std::chrono::steady_clock::now();
  if (line_is_open_ && fraction < 1 && now - drawn_ < std::chrono::milliseconds(100)) return false;
  drawn_ = now;
  return true;
}

void Terminal::draw(const std::string& subject, double fraction, const std::string& text) {
  // The bar takes the room that is left, and the name comes first where there is enough for both
  const std::size_t columns = terminal_columns() - 1;
  std::string line = bar(fraction, columns > text.size() ? columns - text.size() : 0) + text;
  const std::string before = one_line(subject) + "  ";
  if (line.size() + before.size() <= columns) line.insert(0, before);
  line.resize(std::min(line.size(), columns));
  fmt::print(stderr, "\r{}\033[K", line);
  std::fflush(stderr);
  line_is_open_ = true;
}

bool Terminal::can_ask() const {
  return is_terminal_ && !quiet && !json && isatty(STDIN_FILENO) == 1;
}

bool Terminal::ask(const std::string& question) {
  end_progress();
  fmt::print(stderr, "{} [Y/n] ", one_line(question));
  std::fflush(stderr);
  std::string answer;
  if (!std::getline(std::cin, answer)) {
    fmt::print(stderr, "\n");
    return false;
  }
  return answer.empty() || answer[0] == 'y' || answer[0] == 'Y';
}

void Terminal::end_progress() {
  if (!line_is_open_) return;
  line_is_open_ = false;
  std::fputs("\r\033[K", stderr);
}

void Terminal::print(const std::string& text) {
  end_progress();
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw FileFailure(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
}

void Terminal::print(const Json& object) {
  print(object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace reverie::cli
