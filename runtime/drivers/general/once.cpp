#include "runtime/drivers/general/once.h"

#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/failures.h"

namespace lab::drivers::general {

Task<Outcome<Probe>> Once::probe(Context& context, const Step& step) {
  Probe probe;
  if (!step.desired.contains("probe")) {
    const Json earlier = context.earlier();
    if (earlier.is_object() && earlier.value("done", false)) {
      probe.found = Found::same;
      probe.fingerprint = "done";
    }
    co_return probe;
  }
  auto seeing = see(context, step.desired["probe"]);
  auto seen = co_await std::move(seeing);
  if (!seen) co_return seen.error();
  probe.note = seen->note;
  if (seen->as_desired) {
    probe.found = Found::same;
    probe.fingerprint = plan::sha256_hex(seen->output);
  }
  co_return probe;
}

Task<Outcome<Outputs>> Once::act(Context& context, const Step& step, const Probe&) {
  auto acting = carry_out(context, step);
  auto done = co_await std::move(acting);
  if (!done) co_return done.error();
  auto noted = context.observed({{"done", true}});
  if (!noted) co_return noted.error();
  co_return Outputs{};
}

Task<Outcome<Nothing>> Once::destroy(Context&, const Step&, const Probe&) {
  co_return permanent("what it did cannot be taken back");
}

Outcome<Given> given(Context& context, const Json& value) {
  Given out;
  const auto reference = plan::as_reference(value);
  const plan::RefKind kind = reference ? reference->kind : plan::RefKind::output;
  if (kind == plan::RefKind::secret || kind == plan::RefKind::sops) {
    auto secret = context.secret(value);
    if (!secret) return secret.error();
    out.secret = *secret;
  } else if (kind == plan::RefKind::artifact) {
    auto text = context.artifact(value);
    if (!text) return text.error();
    out.text = std::move(*text);
  } else {
    auto plain = context.value(value);
    if (!plain) return plain.error();
    out.text = scalar_text(*plain);
  }
  return out;
}

Outcome<Nothing> give_each(Context& context, const Json& members, engine::Headers& open,
                           std::vector<engine::SecretHeader>& secret) {
  for (const auto& [name, value] : members.items()) {
    auto one = given(context, value);
    if (!one) return one.error();
    if (one->secret)
      secret.push_back({name, "", one->secret});
    else
      open.emplace_back(name, std::move(one->text));
  }
  return Nothing{};
}

}  // namespace lab::drivers::general
