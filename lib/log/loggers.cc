#include "lib/log/loggers.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include "lib/base/text.h"

namespace gt::log {
namespace {

Level from_spdlog(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug: return Level::Debug;
    case spdlog::level::info: return Level::Info;
    case spdlog::level::warn: return Level::Warning;
    case spdlog::level::err: return Level::Error;
    default: return Level::Critical;
  }
}

spdlog::level::level_enum to_spdlog(Level level) {
  constexpr spdlog::level::level_enum k_levels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                    spdlog::level::err, spdlog::level::critical};
  return k_levels[static_cast<std::size_t>(level)];
}

class LineSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LineSink(std::function<void(std::string_view)> write_line) : write_line_(std::move(write_line)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view text(message.payload.data(), message.payload.size());
    const std::string_view name(message.logger_name.data(), message.logger_name.size());
    // Each byte may take four characters: nothing is cut.
    write_line_(
        fmt::format("{:<8} [{:<35}] {}\n", to_string(from_spdlog(message.level)), name, printable(text, 4 * text.size() + 1)));
  }
  void flush_() override {}

  std::function<void(std::string_view)> write_line_;
};

}  // namespace

Loggers::Loggers(Config config, std::function<void(std::string_view)> write_line)
    : config_(std::move(config)), sink_(std::make_shared<LineSink>(std::move(write_line))) {}

std::shared_ptr<spdlog::logger> Loggers::get(const std::string& name) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<spdlog::logger>& logger = loggers_[name];
  if (!logger) {
    logger = std::make_shared<spdlog::logger>(name, sink_);
    logger->set_level(config_.reaches_output(name) ? to_spdlog(config_.level(name)) : spdlog::level::off);
  }
  return logger;
}

}  // namespace gt::log
