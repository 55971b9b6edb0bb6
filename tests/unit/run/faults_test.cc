// Faults that a container, an engine or a disk may bring, one by one: each has its own cause in the report, nothing is
// published, and the same run without the fault succeeds.
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstring>

#include "lib/picture/rows.h"
#include "tests/unit/run/fixture.h"

using namespace gt::run::testing;
using gt::run::Event;
using gt::run::FakeRunner;

namespace {

struct Kind {
  const char* saved;
  gt::picture::Kind kind;
  const char* layout;
  gt::picture::SampleType type;
};

constexpr Kind k_png{"PNG", gt::picture::Kind::Png, "RGBA", gt::picture::SampleType::Byte};
constexpr Kind k_tga{"TGA", gt::picture::Kind::Tga, "RGB", gt::picture::SampleType::Byte};
constexpr Kind k_bmp{"BMP", gt::picture::Kind::Bmp, "RGB", gt::picture::SampleType::Byte};
constexpr Kind k_exr{"EXR", gt::picture::Kind::Exr, "ABGR", gt::picture::SampleType::Float};

fs::path file_of(const JobSpec& spec, std::size_t index) {
  return spec.output_dir / spec.params["subtasks"][index]["name"].get<std::string>();
}

// What a container writes: every sample tells its place in the frame.
struct Draw {
  Kind kind = k_png;
  std::int64_t shift = 0;   // of the rows: another strip's, or another frame's
  std::int64_t height = 0;  // 0: as asked
  std::int64_t width = 0;
  bool black = false;
  bool nan = false;

  void operator()(const JobSpec& spec, std::size_t index) const { draw(file_of(spec, index), spec, index); }
  // What is done to the file afterwards is done before it has its name: on a machine with other work the container's time may
  // be over in between, and then a whole file would be taken.
  void operator()(const JobSpec& spec, std::size_t index, const std::function<void(const fs::path&)>& change) const {
    const fs::path aside = spec.work_dir / "aside";
    draw(aside, spec, index);
    change(aside);
    fs::rename(aside, file_of(spec, index));
  }

 private:
  void draw(const fs::path& file, const JobSpec& spec, std::size_t index) const {
    const auto& piece = spec.params["subtasks"][index];
    const auto first = piece["rows"][0].get<std::int64_t>() + shift;
    const std::int64_t rows =
        height == 0 ? piece["rows"][1].get<std::int64_t>() - piece["rows"][0].get<std::int64_t>() : height;
    gt::picture::Header header{.size = {width == 0 ? 8 : width, rows},
                               .layout = gt::picture::plain_layout(kind.layout, kind.type)};
    if (kind.kind == gt::picture::Kind::Tga) header.style = gt::picture::TgaStyle{};
    if (kind.kind == gt::picture::Kind::Bmp) header.style = gt::picture::BmpStyle{};
    if (kind.kind == gt::picture::Kind::Exr) header.style = gt::picture::ExrStyle{.compression = 3, .attributes = {}};
    gt::OutputFile out(file.string());
    const auto writer = gt::picture::open_writer(out, kind.kind, header);
    const bool is_up = gt::picture::writing_order(kind.kind) == gt::picture::Order::BottomUp;
    for (std::int64_t i = 0; i < rows; ++i) writer->write_row(row(first + (is_up ? rows - 1 - i : i), header));
    writer->finish();
    out.publish();
  }

  std::vector<std::uint8_t> row(std::int64_t y, const gt::picture::Header& header) const {
    std::vector<std::uint8_t> bytes(header.row_bytes());
    const std::size_t size = gt::picture::bytes_of(kind.type);
    for (std::size_t i = 0; i * size < bytes.size(); ++i) {
      const auto value = static_cast<std::uint8_t>(black ? 0 : 1 + (static_cast<std::size_t>(y) * 31 + i * 7) % 250);
      bytes[i * size] = value;
      if (kind.type != gt::picture::SampleType::Float) continue;
      const float real = nan && i == 5 ? std::nanf("") : static_cast<float>(value);
      std::memcpy(&bytes[i * size], &real, sizeof real);
    }
    return bytes;
  }
};

void draw_all(const JobSpec& spec, const Kind& kind) {
  for (std::size_t i = 0; i < gt::run::count_of(spec); ++i) Draw{kind}(spec, i);
}

// All but the one whose number is `number`.
std::size_t index_of(const JobSpec& spec, int number) {
  for (std::size_t i = 0; i < gt::run::count_of(spec); ++i)
    if (spec.params["subtasks"][i]["number"] == number) return i;
  return gt::run::count_of(spec);
}

struct Fault {
  const char* what;
  const char* cause;
  Kind kind;
  std::function<WaitResult(const JobSpec&, std::size_t)> bring;  // to the subtask of that index
};

WaitResult exited(int code) { return {.end = End::Exited, .exit_code = code}; }

void cut(const fs::path& file, std::uintmax_t by) { fs::resize_file(file, fs::file_size(file) - by); }

Fault with_file(const char* what, const char* cause, Kind kind, const std::function<void(const JobSpec&, std::size_t)>& make) {
  return {what, cause, kind, [make](const JobSpec& spec, std::size_t index) {
            make(spec, index);
            return exited(0);
          }};
}

std::vector<Fault> faults() {
  std::vector<Fault> out;
  for (const Kind& kind : {k_png, k_tga, k_bmp, k_exr}) {
    out.push_back(with_file("cut at the end", "damaged", kind, [kind](const JobSpec& s, std::size_t i) {
      Draw{kind}(s, i, [&](const fs::path& file) { cut(file, kind.kind == gt::picture::Kind::Png ? 9 : 5); });
    }));
    out.push_back(with_file("too low", "wrong size", kind,
                            [kind](const JobSpec& s, std::size_t i) { Draw{.kind = kind, .height = 1}(s, i); }));
    out.push_back(with_file("too wide", "wrong size", kind,
                            [kind](const JobSpec& s, std::size_t i) { Draw{.kind = kind, .width = 9}(s, i); }));
    out.push_back(with_file("text", "wrong format", kind, [](const JobSpec& s, std::size_t i) {
      gt::write_file(file_of(s, i).string(), "Traceback (most recent call last):\n");
    }));
    out.push_back(with_file("empty", "wrong format", kind,
                            [](const JobSpec& s, std::size_t i) { gt::write_file(file_of(s, i).string(), ""); }));
    out.push_back(with_file("another format", "wrong format", kind, [kind](const JobSpec& s, std::size_t i) {
      Draw{kind.kind == gt::picture::Kind::Png ? k_exr : k_png}(s, i);
    }));
    out.push_back(with_file("the strip of another", "wrong subtask", kind,
                            [kind](const JobSpec& s, std::size_t i) { Draw{.kind = kind, .shift = i == 0 ? 2 : -2}(s, i); }));
    out.push_back(with_file("black for once", "black", kind,
                            [kind](const JobSpec& s, std::size_t i) { Draw{.kind = kind, .black = true}(s, i); }));
    out.push_back(with_file("nothing", "no result", kind, [](const JobSpec&, std::size_t) {}));
  }
  out.push_back(
      with_file("NaN", "not a number", k_exr, [](const JobSpec& s, std::size_t i) { Draw{.kind = k_exr, .nan = true}(s, i); }));
  out.push_back(with_file("other channels", "wrong layout", k_png, [](const JobSpec& s, std::size_t i) {
    Draw{Kind{"PNG", gt::picture::Kind::Png, "RGB", gt::picture::SampleType::Byte}}(s, i);
  }));
  out.push_back(with_file("another depth", "wrong layout", k_png, [](const JobSpec& s, std::size_t i) {
    Draw{Kind{"PNG", gt::picture::Kind::Png, "RGBA", gt::picture::SampleType::Word}}(s, i);
  }));
  out.push_back(with_file("a link out", "not a file", k_png,
                          [](const JobSpec& s, std::size_t i) { fs::create_symlink("/etc/passwd", file_of(s, i)); }));
  out.push_back(with_file("a link to the other strip", "not a file", k_png, [](const JobSpec& s, std::size_t i) {
    fs::create_symlink(file_of(s, i == 0 ? 1 : 0).filename(), file_of(s, i));
  }));
  out.push_back(with_file("a second name", "not a file", k_png, [](const JobSpec& s, std::size_t i) {
    Draw{}(s, i, [&](const fs::path& file) { fs::create_hard_link(file, s.work_dir / "second"); });
  }));
  out.push_back(
      with_file("a pipe", "not a file", k_png, [](const JobSpec& s, std::size_t i) { ::mkfifo(file_of(s, i).c_str(), 0644); }));
  out.push_back(with_file("a directory", "not a file", k_png,
                          [](const JobSpec& s, std::size_t i) { fs::create_directory(file_of(s, i)); }));
  out.push_back(with_file("a terabyte of nothing", "not a file", k_png, [](const JobSpec& s, std::size_t i) {
    Draw{}(s, i, [](const fs::path& file) { fs::resize_file(file, std::uintmax_t{1} << 40); });
  }));
  struct End {
    const char* what;
    const char* cause;
    WaitResult end;
  };
  for (const End& end :
       {End{"exit 1 before it began", "scene failed", exited(1)}, End{"exit 2", "scene failed", exited(2)},
        End{"not in strips", "scene failed", exited(4)}, End{"no such engine", "scene failed", exited(5)},
        End{"no result, says the script", "no result", exited(6)}, End{"no Blender", "scene failed", exited(7)},
        End{"a scene of a newer Blender", "scene failed", exited(9)}, End{"exit 42", "render failed", exited(42)},
        End{"killed", "killed", exited(137)}, End{"segmentation fault", "killed", exited(139)},
        End{"aborted", "killed", exited(134)},
        End{"docker kill",
            "killed",
            {.end = WaitResult::End::Killed, .exit_code = 137, .killer = WaitResult::Killer::OtherClient}},
        End{"a restart of the engine",
            "killed",
            {.end = WaitResult::End::Killed, .exit_code = 143, .killer = WaitResult::Killer::Engine}},
        End{"out of memory", "out of memory", {.end = WaitResult::End::OutOfMemory, .exit_code = 137}},
        End{"engine lost", "engine trouble", {.end = WaitResult::End::EngineLost}}}) {
    out.push_back({end.what, end.cause, k_png, [end](const JobSpec&, std::size_t) { return end.end; }});
  }
  out.push_back({"hang", "timed out", k_png, [](const JobSpec& spec, std::size_t) { return wait_for_end(spec); }});
  out.push_back({"refused by the engine", "engine trouble", k_png, [](const JobSpec&, std::size_t) -> WaitResult {
                   throw gt::Error(gt::ErrorCode::EngineRefused, "device busy");
                 }});
  struct Line {
    const char* what;
    const char* cause;
    const char* line;
    int code;
  };
  for (const Line& line :
       {Line{"the default cube", "failure in the log", "Error: Cannot read file '/golem/resources/a.blend': bad", 0},
        Line{"no camera", "failure in the log", "Error: No camera found in scene \"Scene\"", 0},
        Line{"a graphics card that failed", "failure in the log", "CUDA error: Out of memory in cuMemAlloc", 0},
        Line{"another format, says Blender", "failure in the log", "Error: Format 'png' not known for -F / --render-format.",
             0},
        Line{"disk full", "disk full", "OSError: [Errno 28] No space left on device", 3},
        Line{"render failed, says the script", "render failed", "", 8}}) {
    out.push_back({line.what, line.cause, k_png, [line](const JobSpec& spec, std::size_t index) {
                     const std::string number = std::to_string(spec.params["subtasks"][index]["number"].get<int>());
                     spec.live_log.on_line(Stream::Stdout, "gt-tools: subtask " + number + " begins");
                     spec.live_log.on_line(Stream::Stderr, line.line);
                     if (line.code == 8)
                       spec.live_log.on_line(Stream::Stdout, "gt-tools: subtask " + number + " failed: out of ideas");
                     if (line.code == 0) Draw{}(spec, index);
                     return exited(line.code);
                   }});
  }
  return out;
}

}  // namespace

TEST_CASE("each injected fault has its cause in the report, and costs no more than its run") {
  const std::vector<Fault> all = faults();
  CHECK(all.size() >= 60);
  for (const Fault& fault : all) {
    const std::string name = std::string(fault.what) + ", " + fault.kind.saved;
    CAPTURE(name);
    Fixture f;
    f.options.format = fault.kind.saved;
    f.request.run.output =
        (f.scratch / (std::string("out") + std::string(gt::picture::extension_of(fault.kind.kind)))).string();
    f.request.run.limits.retries = 1;
    f.request.run.limits.memory_bytes = f.request.run.limits.most_memory_bytes = 64 << 20;
    f.request.run.limits.subtask_timeout = 700ms;
    int brought = 0;
    f.runner.container = [&](const JobSpec& spec) {
      const std::size_t index = index_of(spec, 2);
      const bool is_first_black = std::string_view(fault.what) == "black for once";
      if (index == gt::run::count_of(spec) || (is_first_black && brought > 0)) {
        draw_all(spec, fault.kind);
        return WaitResult{};
      }
      ++brought;
      for (std::size_t i = 0; i < index; ++i) Draw{fault.kind}(spec, i);
      const WaitResult end = fault.bring(spec, index);
      if (end.end == End::Exited && end.exit_code == 0)
        for (std::size_t i = index + 1; i < gt::run::count_of(spec); ++i) Draw{fault.kind}(spec, i);
      return end;
    };
    const std::string error = f.run();
    CHECK_MESSAGE(error != "no error", error);
    CHECK_FALSE(fs::exists(f.request.run.output));
    const nlohmann::json report = f.report();
    CHECK(report["outcome"] == "failed");
    const auto& attempts = report["subtasks"][1]["attempts"];
    REQUIRE_MESSAGE(!attempts.empty(), error);
    CHECK(attempts.back()["cause"] == fault.cause);
    CHECK(attempts.back()["message"].get<std::string>().find("subtask 2 of 3 (rows 2 to 3)") == 0);
    CHECK(report["subtasks"][0]["state"] == "done");
    // Without the fault the same command goes on.
    f.runner.container = [&](const JobSpec& spec) {
      draw_all(spec, fault.kind);
      return WaitResult{};
    };
    CHECK(f.run() == "no error");
    CHECK(fs::exists(f.request.run.output));
  }
}

TEST_CASE("a log flood is no failure of the picture: the log is cut, and the report says it") {
  Fixture f;
  f.runner.log = {.left_out = std::uint64_t{5} << 30, .may_have_gap = false};
  CHECK(f.run() == "no error");
  const nlohmann::json report = f.report();
  CHECK(report["outcome"] == "done");
  REQUIRE(report["warnings"].size() == 1);
  CHECK(report["warnings"][0].get<std::string>().starts_with(
      "subtask 1 of 3 (rows 0 to 1) and others: 5368709120 bytes of its output were left out of the logs in "));
  // One that hangs besides has that cause.
  f.request.run.limits.subtask_timeout = 300ms;
  f.runner.container = wait_for_end;
  CHECK(f.run() != "no error");
  CHECK(f.report()["subtasks"][0]["attempts"].back()["cause"] == "timed out");
  CHECK(f.report()["warnings"].size() == 1);
}

TEST_CASE("what is black each time is a night, not a failure") {
  Fixture f;
  f.runner.container = [](const JobSpec& spec) {
    for (std::size_t i = 0; i < gt::run::count_of(spec); ++i) Draw{.black = true}(spec, i);
    return WaitResult{};
  };
  CHECK(f.run() == "no error");
  CHECK(f.runner.started.size() == 2);
  const nlohmann::json report = f.report();
  for (const auto& subtask : report["subtasks"]) {
    CHECK(subtask["result"]["is_black"] == true);
    CHECK(subtask["result"]["is_verified"] == true);
  }
}

// Of PNG: RFC 2083, appendix 15.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc % 2 == 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

std::string big_endian(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
  return out;
}

TEST_CASE("a picture that is marked as another subtask's is not taken") {
  Fixture f;
  f.runner.container = [](const JobSpec& spec) {
    for (const std::size_t whole : {0, 2}) gt::run::write_piece(spec, whole);
    Draw{}(spec, 1, [](const fs::path& file) {
      // As Blender writes it: a tEXt chunk before the pixels.
      const std::string png(gt::Input::read(file.string()).bytes());
      const std::string text = std::string("Note\0", 5) + "gt-tools subtask 2 frame 7 rows 2-4 of 6";
      const auto size = static_cast<char>(text.size());
      const std::string data = "tEXt" + text;
      const std::string chunk = std::string("\0\0\0", 3) + size + data + big_endian(crc32(data));
      gt::write_file(file.string(), png.substr(0, 33) + chunk + png.substr(33));
    });
    return WaitResult{};
  };
  const std::string error = f.run();
  CHECK(error ==
        "run.result-invalid: subtask 2 of 3 (rows 2 to 3): the picture is another's: it says 'gt-tools subtask 2 frame 7 rows "
        "2-4 of 6', not 'gt-tools subtask 2 frame 1 rows 2-4 of 6'");
  CHECK(f.report()["subtasks"][1]["attempts"].back()["cause"] == "wrong subtask");
}
