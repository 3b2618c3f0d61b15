#include "runtime/simulator/talos/archive.h"

#include <fmt/format.h>
#include <zlib.h>

namespace lab::simulator::talos {
namespace {

constexpr std::size_t block = 512;

std::string tar(const std::string& name, const std::string& content) {
  std::string head(block, '\0');
  head.replace(0, name.size(), name);
  const auto octal = [&](std::size_t at, std::size_t width, std::size_t value) {
    head.replace(at, width - 1, fmt::format("{:0{}o}", value, width - 1));
  };
  octal(100, 8, 0600);             // mode
  octal(108, 8, 0);                // owner
  octal(116, 8, 0);                // group
  octal(124, 12, content.size());  // size
  octal(136, 12, 0);               // time
  head[156] = '0';                 // a file
  head.replace(257, 8,
               std::string("ustar\0"
                           "00",
                           8));
  head.replace(148, 8, 8, ' ');
  unsigned sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  head.replace(148, 7, fmt::format("{:06o}", sum) + '\0');
  std::string out = head + content;
  out.append((block - content.size() % block) % block + 2 * block, '\0');
  return out;
}

}  // namespace

std::string tar_gz(const std::string& name, const std::string& content) {
  const std::string plain = tar(name, content);
  z_stream stream{};
  constexpr int gzip_window = 16 + MAX_WBITS, memory = 8;
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window, memory, Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string out(deflateBound(&stream, plain.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));  // zlib does not write there
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace lab::simulator::talos
