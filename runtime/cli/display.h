// A run as people or programs see it: one block on a terminal that is redrawn in place, one line a transition
// elsewhere, or one JSON object a line (labrun-events.schema.json).
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/cli/terminal.h"
#include "runtime/engine/run.h"

namespace lab::labrun {

enum class Style { block, lines, json };

// "12m 40s", "3.2 s", "2h 05m"
std::string duration(std::chrono::milliseconds time);
// "2026-01-01T00:00:00Z"
std::string timestamp(engine::WallTime time);

class Display final : public engine::Observer {
 public:
  Display(Terminal& terminal, const plan::Plan& plan, engine::Loop& loop, Style style);
  ~Display() override;

  // `verb` is what the block says: "apply", "simulate".
  void begin(std::string_view verb, std::int64_t run);
  void state(engine::StepIndex step, engine::State state, std::string_view text) override;
  void progress(engine::StepIndex step, std::string_view text) override;
  void note(std::string_view sentence) override;
  // Shows a question below the block, and waits with drawing until the answer is there.
  void ask(std::string_view question);
  void answered();
  // The last word: counts, failures, how long it took.
  void end(int status, std::string_view next);

  Style style() const { return style_; }
  void emit(const nlohmann::json& event);  // one line, of style json

 private:
  struct Seen {
    engine::State state = engine::State::blocked;
    std::string text;
    engine::TimePoint since;
  };
  void line(std::string_view text);  // above the block, or a line of its own
  void draw();
  void erase();
  void draw_soon();
  void heartbeat();
  void beat_later();
  void finished(engine::StepIndex step);
  std::string bar(unsigned width) const;
  std::string summary() const;
  unsigned count(engine::State state) const;
  std::chrono::milliseconds elapsed() const { return loop_.now() - began_; }
  std::string mark(engine::State state) const;

  Terminal& terminal_;
  const plan::Plan& plan_;
  engine::Loop& loop_;
  Style style_;
  std::string verb_;
  bool running_ = false;
  bool asking_ = false;
  std::vector<Seen> seen_;
  std::set<engine::StepIndex> active_;
  std::map<engine::State, unsigned> counts_;
  std::map<std::string, unsigned, std::less<>> left_in_group_;
  std::vector<engine::StepIndex> failures_;
  engine::TimePoint began_;
  std::chrono::steady_clock::time_point drawn_{};
  unsigned lines_drawn_ = 0;
  engine::Loop::Timer timer_ = 0;
  bool quiet_since_beat_ = true;
};

}  // namespace lab::labrun
