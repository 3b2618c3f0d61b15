// What is done once: by a probe of its own, or, without one, because the journal remembers that it was done.
#pragma once

#include <string>

#include "runtime/drivers/common/driver.h"

namespace lab::drivers::general {

/// What the probe of a step saw.
struct Seen {
  bool as_desired = false;
  std::string note;    // for people
  std::string output;  // what it answered
};

/// A driver of things that cannot be taken back.
class Once : public engine::Driver {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) final;
  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe&) final;
  Task<Outcome<Nothing>> destroy(Context&, const Step&, const Probe&) final;

 private:
  /// Asks what `look` of the plan says.
  virtual Task<Outcome<Seen>> see(Context& context, const Json& look) = 0;
  virtual Task<Outcome<Nothing>> carry_out(Context& context, const Step& step) = 0;
};

/// A value of the plan as it is handed on: text, or a secret.
struct Given {
  std::string text;
  engine::Secret secret;  // null unless it is one
};

/// The value of what may be a reference.
Outcome<Given> given(Context& context, const Json& value);

/// Hands on each member of an object: texts to `open`, secrets to `secret`. Null is an empty object.
Outcome<Nothing> give_each(Context& context, const Json& members, engine::Headers& open,
                           std::vector<engine::SecretHeader>& secret);

}  // namespace lab::drivers::general
