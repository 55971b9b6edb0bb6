// Runs job.py in a container:
//
//   docker-job IMAGE [SECONDS]
//
// The image needs Python at /usr/bin/python only. In the current directory, job.py is the script, resources/ what it may
// read, work/ where it runs, output/ where its results appear. Exit code: the script's; 124 when it took longer than SECONDS;
// 4 when there is no engine or no such image.
#include <gt/docker/job.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace docker = gt::docker;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

int run(const docker::Image& image, std::chrono::seconds limit) {
  for (const char* directory : {"work", "output"}) fs::create_directory(directory);
  const nlohmann::ordered_json task_params = {{"greeting", "Witaj, świecie"}, {"numbers", {1, 2, 3}}, {"exact", true}};

  docker::Job job(image, text_of("job.py"), task_params, "resources", "work", "output");
  job.start();
  const docker::WaitResult result = job.wait(limit);
  job.dump_logs({.stdout_file = "stdout.log", .stderr_file = "stderr.log"});

  std::fputs(text_of("stdout.log").c_str(), stdout);
  std::fputs(text_of("stderr.log").c_str(), stderr);
  if (result.end == docker::WaitResult::End::TimedOut) return 124;
  return result.exit_code;
}  // the container is removed here

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: docker-job IMAGE [SECONDS]\n", stderr);
    return 2;
  }
  try {
    return run(docker::Image(argv[1]), std::chrono::seconds(argc > 2 ? std::atoi(argv[2]) : 60));
  } catch (const gt::Error& error) {
    std::fprintf(stderr, "docker-job: %s: %s\n", std::string(gt::to_string(error.code())).c_str(), error.what());
    return 4;
  }
}
