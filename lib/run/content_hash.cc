#include "lib/run/content_hash.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <vector>

#include "lib/base/error.h"

namespace gt::run {
namespace {

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
  std::vector<char> block(std::size_t{1} << 20);
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

}  // namespace gt::run
