// The HTML report in a real browser: no error on its console, search and filters do what they say, 10,000 rows stay quick.
#include <doctest/doctest.h>

#include <cstdio>

#include "lib/batch/report.h"
#include "tests/batch/process.h"

namespace gt::testing {
namespace {

using batch::testing::Scratch;

constexpr int k_rows = 10'000;

void make_page(const std::string& path) {
  const auto report = batch::make_report(path);
  batch::Totals totals;
  for (int i = 0; i < k_rows; ++i) {
    batch::Row row;
    row.source = "src/\xff</script><b>" + std::to_string(i) + ".gt";
    if (i % 50 == 0) {
      row.result = batch::Result::Bad;
      row.failure =
          batch::explain(Error(ErrorCode::PickleTruncated, "ends within a number", {.offset = 20}, "get the whole file"),
                         std::string(64, 'x'));
    } else {
      row.result = batch::Result::Migrated;
      row.era = batch::Era::Y2016;
      row.renderer = i % 2 == 0 ? task::Renderer::Blender : task::Renderer::LuxRender;
      row.outputs = {{"docker-" + std::to_string(i) + ".json", batch::Result::Migrated}};
    }
    report->add(row);
    totals.add(row);
  }
  report->finish({.action = "migrate", .sources = {"src"}, .output = "out", .version = "1"}, totals);
}

// What a user does, and what is seen then, as lines of a text that the browser prints.
constexpr const char* k_user = R"(<pre id="seen"></pre><script>
const seen = [];
const see = (what) => seen.push(what + ': ' + byId('count').textContent + ', ' + document.querySelectorAll('.row').length + ' lines');
const begin = performance.now();
see('all');
const type = (text) => { byId('search').value = text; byId('search').dispatchEvent(new Event('input')); };
const pick = (id, value) => { byId(id).value = value; byId(id).dispatchEvent(new Event('change')); };
type('4711');
see('search');
type('TRUNCATED  number');
see('two words');
type('');
pick('result', 'failed');
see('failed');
document.querySelector('.row').click();
seen.push('detail: ' + byId('detail').textContent);
pick('result', '');
pick('renderer', 'LuxRender');
see('renderer');
byId('list').scrollTop = 100000;
byId('list').dispatchEvent(new Event('scroll'));
seen.push('scrolled: ' + document.querySelector('.row').style.top);
seen.push('markup: ' + document.querySelectorAll('b').length);
seen.push('totals: ' + [...document.querySelectorAll('#totals tr')].map((line) => line.textContent).join(' '));
seen.push('took: ' + (performance.now() - begin < 1000 ? 'less than a second' : performance.now() - begin));
document.getElementById('seen').textContent = seen.join('\n');
</script></body>)";

std::string browse(const std::string& page, const std::string& profile) {
  const std::string command =
      "timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir=" + profile +
      " --enable-logging=stderr --dump-dom file://" + page + " 2>&1";
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[65536];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  ::pclose(pipe);
  return out;
}

TEST_CASE("the page works in Chromium") {
  if (std::system("command -v chromium >/dev/null") != 0) {
    MESSAGE("skipped: there is no chromium");
    return;
  }
  const Scratch scratch;
  make_page(scratch / "plain.html");
  std::string text = batch::testing::read_text(scratch / "plain.html");
  const std::size_t end = text.rfind("</body>");
  REQUIRE(end != std::string::npos);
  batch::testing::write_text(scratch / "page.html", text.replace(end, 7, k_user));
  const std::string out = browse(scratch / "page.html", scratch / "profile");
  CHECK(out.find("CONSOLE") == std::string::npos);
  const std::size_t begin = out.find("<pre id=\"seen\">");
  REQUIRE(begin != std::string::npos);
  const std::string seen = out.substr(begin, out.find("</pre>", begin) - begin);
  INFO(seen);
  for (const char* line : {
           "search: 1 of 10,000, 1 lines",
           "two words: 200 of 10,000, ",
           "failed: 200 of 10,000, ",
           "renderer: 5,000 of 10,000, ",
           "pickle.truncatedoffset20errorends within a numberhintget the whole file       0  78",
           "detail: sourcesrc/\\xff&lt;/script&gt;&lt;b&gt;0.gtresultbad",
           "scrolled: 99708px",
           "markup: 0",
           "totals: resultfiles migrated9,800 bad200 erafiles 20169,800",
           "took: less than a second",
       })
    CHECK_MESSAGE(seen.find(line) != std::string::npos, line);
}

}  // namespace
}  // namespace gt::testing
