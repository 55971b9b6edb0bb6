#include "lib/run/content_hash.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/fd.h"

namespace gt::run {
namespace {

constexpr std::size_t k_block = std::size_t{64} << 10;  // a larger one costs more than it saves: fresh pages for each file

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) { require(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1); }

  void add(const void* data, std::size_t size) { require(EVP_DigestUpdate(context_.get(), data, size) == 1); }

  std::string digits() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    require(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    constexpr std::string_view k_hex = "0123456789abcdef";
    std::string out;
    for (unsigned i = 0; i < size; ++i) {
      out += k_hex[digest[i] >> 4];
      out += k_hex[digest[i] & 15];
    }
    return out;
  }

 private:
  struct Delete {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  static void require(bool is_good) {
    if (!is_good) throw Error(ErrorCode::System, "libcrypto cannot compute SHA-256");
  }

  std::unique_ptr<EVP_MD_CTX, Delete> context_;
};

}  // namespace

std::string sha256_of(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes.data(), bytes.size());
  return hash.digits();
}

std::string sha256_of_file(int fd, const std::string& name, const std::function<bool()>& cancelled) {
  Sha256 hash;
  std::vector<char> block(k_block);
  if (::lseek(fd, 0, SEEK_SET) != 0) throw os_error(errno, "read", name);
  for (;;) {
    if (cancelled && cancelled()) return {};
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw os_error(errno, "read", name);
    if (got == 0) return hash.digits();
    hash.add(block.data(), static_cast<std::size_t>(got));
  }
}

std::string sha256_of_tree(const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  std::error_code failed;
  if (!fs::is_directory(fs::symlink_status(directory, failed))) return {};
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path().lexically_relative(directory));
  std::sort(files.begin(), files.end());
  Sha256 tree;
  for (const fs::path& file : files) {
    const fs::path path = directory / file;
    const Fd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) throw os_error(errno, "read", path.string());
    const std::string hash = sha256_of_file(fd.get(), path.string());
    tree.add(hash.data(), hash.size());
    tree.add(file.c_str(), file.native().size() + 1);
  }
  return tree.digits();
}

}  // namespace gt::run
