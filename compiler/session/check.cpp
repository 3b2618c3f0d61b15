#include "compiler/session/check.h"

#include "compiler/checks/checks.h"
#include "compiler/session/unused.h"

namespace lab::session {

void check(Snapshot& snapshot, source::FileId first_of_lab) {
  const Snapshot& s = snapshot;
  checks::Context context({[&s](model::Origin origin) { return s.span(origin); },
                           [&s](source::Span span) { return s.sources.slice(span); },
                           [first_of_lab](source::FileId file) { return file >= first_of_lab; }},
                          snapshot.sink);
  checks::run(s.lab, context);
  checks::hints(unused(*s.evaluation, s.symbols), context);
}

}  // namespace lab::session
