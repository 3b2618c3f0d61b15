#include "runtime/cli/display.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace lab::labrun {

using engine::State;
using engine::StepIndex;
using namespace std::chrono_literals;

namespace {

constexpr auto frame = 80ms;    // between two drawings, of real time
constexpr auto redraw = 250ms;  // of a block that only its clock changes
constexpr auto heartbeat_every = 30s;
constexpr std::size_t rows = 8;  // of steps at work in the block

bool at_work(State state) {
  return state == State::probing || state == State::acting || state == State::verifying ||
         state == State::removing || state == State::waiting;
}

std::string_view verb_of(State state) {
  switch (state) {
    case State::probing:
      return "looking";
    case State::acting:
      return "working";
    case State::verifying:
      return "checking";
    case State::removing:
      return "removing";
    case State::waiting:
      return "waiting";
    default:
      return engine::name(state);
  }
}

}  // namespace

std::string duration(std::chrono::milliseconds time) {
  const auto seconds = time.count() / 1000;
  if (seconds < 10) return fmt::format("{}.{} s", seconds, time.count() % 1000 / 100);
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{}m {:02}s", seconds / 60, seconds % 60);
  return fmt::format("{}h {:02}m", seconds / 3600, seconds % 3600 / 60);
}

std::string timestamp(engine::WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

Display::Display(Terminal& terminal, const plan::Plan& plan, engine::Loop& loop, Style style)
    : terminal_(terminal), plan_(plan), loop_(loop), style_(style) {}

Display::~Display() {
  loop_.cancel(timer_);
  erase();
}

void Display::begin(std::string_view verb, std::int64_t run) {
  verb_ = verb;
  running_ = true;
  began_ = loop_.now();
  seen_.assign(plan_.steps.size(), {});
  active_.clear();
  counts_.clear();
  failures_.clear();
  left_in_group_.clear();
  for (const plan::Step& step : plan_.steps) ++left_in_group_[step.group];
  if (style_ == Style::json) {
    emit({{"event", "begin"},
          {"command", verb_},
          {"plan", plan_.id},
          {"lab", plan_.lab},
          {"run", run},
          {"steps", plan_.steps.size()}});
  } else if (style_ == Style::lines) {
    terminal_.out(fmt::format("{} {}: {} steps\n", verb_, plan_.lab, plan_.steps.size()));
  }
  beat_later();
}

void Display::beat_later() {
  if (style_ == Style::json || (loop_.simulated() && loop_.pace() <= 0))
    return;  // such a timer goes off at once
  auto time = style_ == Style::block ? engine::Milliseconds(redraw) : engine::Milliseconds(heartbeat_every);
  if (loop_.simulated()) time = std::chrono::duration_cast<engine::Milliseconds>(time * loop_.pace());
  timer_ = loop_.after(time, [this] { heartbeat(); });
}

void Display::heartbeat() {
  beat_later();
  if (style_ == Style::block) {
    draw_soon();
    return;
  }
  if (!std::exchange(quiet_since_beat_, true)) return;
  std::string names;
  std::size_t shown = 0;
  for (const StepIndex step : active_) {
    if (++shown > 3) break;
    names += (names.empty() ? "" : ", ") + plan_.steps[step].id;
  }
  if (active_.size() > 3) names += fmt::format(" and {} more", active_.size() - 3);
  terminal_.out(
      fmt::format("{:>8}  still at work: {}\n", duration(elapsed()), names.empty() ? "nothing" : names));
}

std::string Display::mark(State state) const {
  const bool u = terminal_.unicode();
  switch (state) {
    case State::done:
      return terminal_.paint("32", u ? "✓" : "+");
    case State::same:
    case State::looked:
      return terminal_.paint("2", u ? "·" : "=");
    case State::failed:
      return terminal_.paint("31", u ? "✗" : "x");
    case State::waiting:
      return terminal_.paint("33", u ? "◌" : "~");
    case State::asking:
    case State::refused:
      return terminal_.paint("33", "?");
    default:
      return terminal_.paint("36", u ? "●" : "*");
  }
}

void Display::state(StepIndex step, State state, std::string_view text) {
  Seen& seen = seen_[step];
  if (engine::ended(seen.state)) return;
  if (at_work(state) && !at_work(seen.state)) seen.since = loop_.now();
  const State before = std::exchange(seen.state, state);
  seen.text = text;
  if (at_work(state)) {
    active_.insert(step);
  } else {
    active_.erase(step);
  }
  if (engine::ended(state)) ++counts_[state];
  if (state == State::failed) failures_.push_back(step);
  const plan::Step& what = plan_.steps[step];
  if (style_ == Style::json) {
    nlohmann::json event{{"event", "state"},
                         {"step", what.id},
                         {"state", engine::name(state)},
                         {"at", timestamp(loop_.wall())}};
    if (!text.empty()) event["text"] = text;
    emit(event);
    return;
  }
  const bool told = state != State::probing && state != State::verifying && !(state == State::looked);
  if (style_ == Style::lines && told && before != state) {
    quiet_since_beat_ = false;
    terminal_.out(fmt::format("{:>8}  {} {}: {}{}{}\n", duration(elapsed()), mark(state), what.id,
                              at_work(state) ? verb_of(state) : engine::name(state), text.empty() ? "" : ", ",
                              printable(text)));
  }
  if (style_ == Style::block && state == State::failed) {
    line(fmt::format("{} {}: {}", mark(state), what.title, printable(text)));
  }
  if (engine::ended(state)) finished(step);
  draw_soon();
}

// Tells of a group whose last step ended.
void Display::finished(StepIndex step) {
  const std::string& group = plan_.steps[step].group;
  const auto left = left_in_group_.find(group);
  if (left == left_in_group_.end() || --left->second != 0 || style_ != Style::block) return;
  unsigned size = 0;
  bool good = true;
  for (StepIndex i = 0; i < plan_.steps.size(); ++i) {
    if (plan_.steps[i].group != group) continue;
    ++size;
    const State state = seen_[i].state;
    good = good && (state == State::done || state == State::same || state == State::looked);
  }
  if (!good) return;
  const auto known = std::ranges::find(plan_.groups, group, &plan::Group::name);
  const std::string& title = known != plan_.groups.end() && !known->title.empty() ? known->title : group;
  line(fmt::format("{} {} {}", mark(State::done), title,
                   terminal_.paint("2", fmt::format("({} {}, after {})", size, size == 1 ? "step" : "steps",
                                                    duration(elapsed())))));
}

void Display::progress(StepIndex step, std::string_view text) {
  Seen& seen = seen_[step];
  if (seen.text == text) return;
  seen.text = text;
  if (style_ == Style::json) {
    emit({{"event", "progress"},
          {"step", plan_.steps[step].id},
          {"text", text},
          {"at", timestamp(loop_.wall())}});
  }
  draw_soon();
}

void Display::note(std::string_view sentence) {
  if (style_ == Style::json) {
    emit({{"event", "note"}, {"text", sentence}});
  } else {
    line(printable(sentence));
  }
}

void Display::emit(const nlohmann::json& event) {
  terminal_.out(event.dump() + "\n");
}

void Display::line(std::string_view text) {
  erase();
  terminal_.out(std::string(text) + "\n");
}

void Display::ask(std::string_view question) {
  erase();
  asking_ = true;
  terminal_.out(fmt::format("{} {} [y/N] ", mark(State::asking), printable(question)));
}

void Display::answered() {
  asking_ = false;
  draw_soon();
}

void Display::erase() {
  if (lines_drawn_ == 0) return;
  terminal_.out(fmt::format("\x1b[{}A\x1b[J", lines_drawn_));
  lines_drawn_ = 0;
}

void Display::draw_soon() {
  if (style_ != Style::block || !running_ || asking_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < frame) return;
  drawn_ = now;
  draw();
}

std::string Display::bar(unsigned width) const {
  const std::size_t all = std::max<std::size_t>(plan_.steps.size(), 1);
  std::size_t over = 0;
  for (const auto& [state, number] : counts_) over += number;
  const auto full = static_cast<unsigned>(over * width / all);
  std::string filled;
  std::string empty;
  for (unsigned i = 0; i < width; ++i) {
    (i < full ? filled : empty) += terminal_.unicode() ? (i < full ? "━" : "─") : (i < full ? "#" : "-");
  }
  return terminal_.paint("32", filled) + terminal_.paint("2", empty);
}

void Display::draw() {
  const unsigned width = terminal_.width() - 1;  // the last column wraps on some terminals
  std::size_t over = 0;
  for (const auto& [state, number] : counts_) over += number;
  std::string text;
  const std::string head = fmt::format("{} {}  ", verb_, plan_.lab);
  const std::string tail = fmt::format("  {}/{}  {}", over, plan_.steps.size(), duration(elapsed()));
  const std::size_t taken = columns(head) + columns(tail);
  if (taken + 10 < width) {
    const auto room = static_cast<unsigned>(std::min<std::size_t>(width - taken, 40));
    text += terminal_.paint("1", head) + bar(room) + tail + "\n";
  } else {
    text += clip(head + tail, width) + "\n";
  }
  unsigned lines = 1;
  std::size_t shown = 0;
  for (const StepIndex step : active_) {
    if (shown == rows) break;
    ++shown;
    const Seen& seen = seen_[step];
    const std::string since = duration(loop_.now() - seen.since);
    std::string body =
        plan_.steps[step].title + ": " + (seen.text.empty() ? std::string(verb_of(seen.state)) : seen.text);
    const std::size_t room = width > since.size() + 6 ? width - since.size() - 6 : 1;
    body = clip(body, room);
    const std::string gap(room - columns(body) + 2, ' ');
    text += "  " + mark(seen.state) + " " + body + gap + terminal_.paint("2", since) + "\n";
    ++lines;
  }
  if (active_.size() > shown) {
    text += clip(fmt::format("    and {} more at work", active_.size() - shown), width) + "\n";
    ++lines;
  }
  const std::string up = lines_drawn_ == 0 ? std::string() : fmt::format("\x1b[{}A\x1b[J", lines_drawn_);
  terminal_.out(up + text);
  lines_drawn_ = lines;
}

unsigned Display::count(State state) const {
  const auto found = counts_.find(state);
  return found == counts_.end() ? 0 : found->second;
}

std::string Display::summary() const {
  std::string out;
  const auto add = [&out](unsigned number, std::string_view what) {
    if (number != 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", number, what);
  };
  add(count(State::done), "done");
  add(count(State::same), "already as they should be");
  add(count(State::looked), "looked at");
  add(count(State::failed), "failed");
  add(count(State::skipped), "skipped");
  add(count(State::refused), "without approval");
  std::size_t over = 0;
  for (const auto& [state, number] : counts_) over += state == State::stopped ? 0 : number;
  add(static_cast<unsigned>(plan_.steps.size() - over), "not begun or not finished");
  return out.empty() ? "nothing to do" : out;
}

void Display::end(int status, std::string_view next) {
  loop_.cancel(timer_);
  timer_ = 0;
  erase();
  running_ = false;
  if (style_ == Style::json) {
    nlohmann::json counts = nlohmann::json::object();
    for (const auto& [state, number] : counts_) counts[std::string(engine::name(state))] = number;
    emit({{"event", "end"},
          {"status", status},
          {"steps", std::move(counts)},
          {"milliseconds", elapsed().count()}});
    return;
  }
  for (const StepIndex step : failures_) {
    const plan::Step& what = plan_.steps[step];
    const std::string place =
        what.origin.file.empty() ? "" : fmt::format(" ({}:{})", what.origin.file, what.origin.line);
    terminal_.out(
        fmt::format("{} {}{}\n    {}\n", mark(State::failed), what.id, place, printable(seen_[step].text)));
  }
  terminal_.out(fmt::format("{} {}: {} in {}\n", verb_, plan_.lab, summary(), duration(elapsed())));
  if (!next.empty()) terminal_.out(std::string(next) + "\n");
}

}  // namespace lab::labrun
