#include "core/clock.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "core/log.h"

namespace espalier {

Progress::Progress(std::string area, std::string unit, int64_t total, bool enabled)
    : area_(std::move(area)),
      unit_(std::move(unit)),
      total_(total),
      enabled_(enabled),
      terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (printed_ && terminal_) std::fputs("\n", stderr);
}

void Progress::update(int64_t done, const std::string& note) {
  if (!enabled_) return;
  if (first_ < 0) first_ = done;  // a resumed run starts past zero
  done_ = done;
  const double interval = terminal_ ? 0.2 : 10.0;
  if (since_print_.seconds() < interval && done < total_) return;
  since_print_.lap();
  print(note);
}

void Progress::print(const std::string& note) {
  const double seconds = watch_.seconds();
  const double rate = seconds > 0 ? static_cast<double>(done_ - first_) / seconds : 0;
  const std::string left = done_ >= total_ ? duration_text(seconds)
                           : rate > 0
                               ? "ETA " + duration_text(static_cast<double>(total_ - done_) / rate)
                               : "ETA ?";
  const std::string line =
      fmt::format("{}/{} {}  {}%  {} {}/s  {}{}{}", with_commas(done_), with_commas(total_), unit_,
                  total_ > 0 ? done_ * 100 / total_ : 100,
                  rate < 10 ? fmt::format("{:.1f}", rate) : with_commas(static_cast<int64_t>(rate)),
                  unit_, left, note.empty() ? "" : "  ", note);
  printed_ = true;
  if (terminal_) {
    // Not fmt::print, which throws when the terminal is gone.
    std::fputs(fmt::format("\r\x1b[K{}  {}", area_, line).c_str(), stderr);
    std::fflush(stderr);
  } else {
    log::info(area_, "{}", line);
  }
}

std::string with_commas(int64_t value) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  for (int64_t at = static_cast<int64_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(at, ",");
  return value < 0 ? "-" + digits : digits;
}

std::string duration_text(double seconds) {
  const int64_t whole = static_cast<int64_t>(seconds + 0.5);
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  return fmt::format("{}h {:02}m", whole / 3600, whole / 60 % 60);
}

}  // namespace espalier
