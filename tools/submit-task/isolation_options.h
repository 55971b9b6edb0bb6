// What containers may do and use, on the command line.
#pragma once

#include <memory>

#include "lib/docker/isolation.h"
#include "lib/run/owner.h"

namespace CLI {
class App;
}

namespace gt::submit {

// Declares the options on `app`, and holds what it reads; must live as long as `app` is used.
class IsolationOptions {
 public:
  explicit IsolationOptions(CLI::App& app);
  ~IsolationOptions();
  IsolationOptions(const IsolationOptions&) = delete;
  IsolationOptions& operator=(const IsolationOptions&) = delete;

  // After parsing. The defaults but for what was given; the user is `owner`. Throws Usage.
  docker::Isolation isolation(const run::Owner& owner) const;

 private:
  struct Raw;
  CLI::App& app_;
  std::unique_ptr<Raw> raw_;
};

}  // namespace gt::submit
