// exec/1: a program, run where labrun runs.
#include <fmt/format.h>

#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/general/drivers.h"
#include "runtime/drivers/general/once.h"

namespace lab::drivers::general {
namespace {

using engine::Program;

constexpr std::size_t longest_excerpt = 200;

Outcome<Program> program_of(Context& context, const Step& step) {
  Program program;
  for (const Json& each : step.desired.at("argv")) {
    auto word = context.value(each);  // never a secret: everybody on the machine sees it
    if (!word) return word.error();
    program.argv.push_back(scalar_text(*word));
  }
  auto environment =
      give_each(context, step.desired.value("env", Json()), program.environment, program.secret_environment);
  if (!environment) return environment.error();
  if (step.desired.contains("stdin")) {
    auto input = given(context, step.desired["stdin"]);
    if (!input) return input.error();
    program.input = std::move(input->text);
    program.secret_input = input->secret;
  }
  if (step.timeout_s > 0) program.timeout = std::chrono::seconds(step.timeout_s);
  return program;
}

class Exec final : public Once {
  Task<Outcome<Seen>> see(Context& context, const Json& look) override {
    Program program;
    program.argv = look.at("argv").get<std::vector<std::string>>();
    auto exited = co_await context.run(std::move(program));
    if (!exited) co_return exited.error();
    co_return Seen{exited->status == look.at("expect_exit"),
                   fmt::format("the probe exits {}", exited->status), exited->output};
  }

  Task<Outcome<Nothing>> carry_out(Context& context, const Step& step) override {
    auto program = program_of(context, step);
    if (!program) co_return program.error();
    const std::string name = program->argv.empty() ? "" : program->argv.front();
    const bool secrets = !program->secret_environment.empty() || program->secret_input;
    auto exited = co_await context.run(std::move(*program));
    if (!exited) co_return exited.error();
    if (exited->status == 0) co_return Nothing{};
    // A program that was given secrets may repeat them.
    const std::string errors = secrets ? "" : ": " + exited->errors.substr(0, longest_excerpt);
    co_return permanent(fmt::format("{} exits {}{}", name, exited->status, errors));
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_exec() {
  return std::make_unique<Exec>();
}

}  // namespace lab::drivers::general
