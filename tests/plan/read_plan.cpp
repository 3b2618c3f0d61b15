// read_plan FILE: whether labrun would take this plan, with its artifacts. Prints why not; exits 1 then.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "runtime/plan/plan.h"

namespace {

std::optional<std::string> read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path file = argv[1];
  lab::plan::Parsed parsed = lab::plan::parse(read(file).value_or(""));
  std::vector<lab::plan::Problem> problems = parsed.problems;
  if (parsed.ok())
    problems = lab::plan::load_artifacts(
        parsed.plan, [&](const std::string& path) { return read(file.parent_path() / path); });
  std::cerr << lab::plan::render(problems, file.string());
  return problems.empty() ? 0 : 1;
}
