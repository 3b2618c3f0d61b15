// exec/1: a program, run where labrun runs. With a probe it is run unless the probe is satisfied; without one
// it is run once, and the journal remembers that.
#include <fmt/format.h>

#include "crypto/secret_bytes.h"
#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/general/drivers.h"
#include "runtime/plan/plan.h"

namespace lab::drivers::general {
namespace {

using engine::Context;
using engine::Found;
using engine::Nothing;
using engine::Outcome;
using engine::Outputs;
using engine::Probe;
using engine::Program;
using engine::Task;
using plan::Step;
using Json = nlohmann::json;

constexpr std::size_t longest_excerpt = 200;

bool is_secret(const Json& value) {
  const auto reference = plan::as_reference(value);
  return reference && reference->kind != plan::RefKind::artifact && reference->kind != plan::RefKind::output;
}

Outcome<Program> program_of(Context& context, const Step& step) {
  Program program;
  for (const Json& each : step.desired.at("argv")) {
    auto word = context.value(each);
    if (!word) return word.error();
    program.argv.push_back(scalar_text(*word));
  }
  if (step.desired.contains("env"))
    for (const auto& [name, value] : step.desired["env"].items()) {
      if (is_secret(value)) {
        auto secret = context.secret(value);
        if (!secret) return secret.error();
        program.secret_environment.push_back({name, "", *secret});
        continue;
      }
      auto plain = context.value(value);
      if (!plain) return plain.error();
      program.environment.emplace_back(name, scalar_text(*plain));
    }
  if (step.desired.contains("stdin")) {
    const Json& input = step.desired["stdin"];
    const auto reference = plan::as_reference(input);
    if (is_secret(input)) {
      auto secret = context.secret(input);
      if (!secret) return secret.error();
      program.secret_input = *secret;
    } else if (reference && reference->kind == plan::RefKind::artifact) {
      auto text = context.artifact(input);
      if (!text) return text.error();
      program.input = std::move(*text);
    } else {
      auto plain = context.value(input);
      if (!plain) return plain.error();
      program.input = scalar_text(*plain);
    }
  }
  if (step.timeout_s > 0) program.timeout = std::chrono::seconds(step.timeout_s);
  return program;
}

class Exec final : public engine::Driver {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    Probe probe;
    if (!step.desired.contains("probe")) {
      const Json earlier = context.earlier();
      const bool done = earlier.is_object() && earlier.value("done", false);
      probe.found = done ? Found::same : Found::absent;
      if (done) probe.fingerprint = "done";
      co_return probe;
    }
    Program program;
    program.argv = step.desired["probe"].at("argv").get<std::vector<std::string>>();
    auto exited = co_await context.run(std::move(program));
    if (!exited) co_return exited.error();
    probe.found = exited->status == step.desired["probe"].at("expect_exit") ? Found::same : Found::absent;
    probe.note = fmt::format("the probe exits {}", exited->status);
    if (probe.found == Found::same) probe.fingerprint = plan::sha256_hex(exited->output);
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe&) override {
    auto program = program_of(context, step);
    if (!program) co_return program.error();
    const std::string name = program->argv.empty() ? "" : program->argv.front();
    const bool secrets = !program->secret_environment.empty() || program->secret_input;
    auto exited = co_await context.run(std::move(*program));
    if (!exited) co_return exited.error();
    if (exited->status != 0) {
      // A program that was given secrets may repeat them.
      const std::string errors = secrets ? "" : ": " + exited->errors.substr(0, longest_excerpt);
      co_return permanent(fmt::format("{} exits {}{}", name, exited->status, errors));
    }
    auto noted = context.observed({{"done", true}});
    if (!noted) co_return noted.error();
    co_return Outputs{};
  }

  Task<Outcome<Nothing>> destroy(Context&, const Step&, const Probe&) override {
    co_return permanent("what a program did cannot be taken back");
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_exec() {
  return std::make_unique<Exec>();
}

}  // namespace lab::drivers::general
