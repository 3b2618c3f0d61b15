#include "compiler/session/check.h"

#include "compiler/checks/checks.h"
#include "compiler/session/missing_calls.h"
#include "compiler/session/unused.h"

namespace lab::session {

void check(Snapshot& snapshot, source::FileId first, source::FileId end) {
  const Snapshot& s = snapshot;
  checks::Context context({[&s](model::Origin origin) { return s.span(origin); },
                           [&s](source::Span span) { return s.sources.slice(span); },
                           [first, end](source::FileId file) { return file >= first && file < end; }},
                          snapshot.sink);
  checks::run(s.lab, context);
  checks::missing_calls(missing_calls(snapshot), context);
  checks::hints(unused(*s.evaluation, s.symbols), context);
}

}  // namespace lab::session
