#include "core/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "core/error.h"
#include "core/printable.h"

namespace espalier::log {
namespace {

struct State {
  int rank = 0;
  std::shared_ptr<spdlog::logger> logger;

  State() : logger(std::make_shared<spdlog::logger>("espalier")) {
    logger->sinks().push_back(std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    logger->set_pattern("%H:%M:%S %^%L%$ %v");
    logger->flush_on(spdlog::level::info);
  }
};

State& state() {
  static State instance;
  return instance;
}

}  // namespace

void setup(int rank, bool quiet) {
  state().rank = rank;
  state().logger->sinks()[0]->set_level(quiet || rank > 0 ? spdlog::level::warn
                                                          : spdlog::level::info);
}

void add_file(const std::filesystem::path& path) {
  try {
    state().logger->sinks().push_back(
        std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string()));
  } catch (const spdlog::spdlog_ex& error) {
    throw Error(Kind::kIo, "cannot write {}: {}", path.string(), error.what());
  }
  state().logger->set_pattern("%H:%M:%S %^%L%$ %v");
}

void write(Level level, std::string_view area, std::string_view text) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::info, spdlog::level::warn,
                                                   spdlog::level::err};
  const State& log = state();
  log.logger->log(kLevels[static_cast<int>(level)], "[{}] {}: {}", log.rank, area, printable(text));
}

}  // namespace espalier::log
