// A whole text into a descriptor.
#pragma once
#include <string_view>

namespace lab::source {

/// Writes all of `bytes`, however often the system takes only a part. False, with errno, when it takes no more.
bool write_all(int fd, std::string_view bytes);

}  // namespace lab::source
