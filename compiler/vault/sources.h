// Where a person's values come from: a variable, a file, a program, standard input, a terminal. Never the
// command line, which every process of the machine can read. Nothing here quotes a value in a message.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/secret_bytes.h"

namespace lab::vault {

/// What came of it: a value, or why there is none.
struct Read {
  std::optional<crypto::SecretBytes> value;
  std::string problem;
};

/// The variable is taken out of this process's environment.
[[nodiscard]] Read read_variable(const std::string& name);
/// A file, without one line break at its end.
[[nodiscard]] Read read_file(const std::string& path);
/// Standard output of a program that ends well, without one line break at its end. No shell; what the program
/// writes to standard error is dropped, since it may quote the value.
[[nodiscard]] Read read_command(const std::vector<std::string>& argv);
/// Standard input, without one line break at its end; on a terminal a line that is not shown, after `prompt`.
[[nodiscard]] Read read_input(std::string_view prompt);

/// No core dumps and no debugger that belongs to somebody else's session.
void harden_process();

}  // namespace lab::vault
