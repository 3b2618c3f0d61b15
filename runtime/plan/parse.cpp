#include <fmt/format.h>

#include <set>

#include "runtime/plan/reader.h"
#include "runtime/plan/versions.h"

namespace lab::plan {

namespace {

constexpr std::size_t most_bytes = std::size_t{256} << 20;
constexpr int most_depth = 64;

/// JSON text to a value. What nlohmann's parser lets pass and a plan may not hold is reported: a key twice in
/// one object, deep nesting, numbers with a fraction.
Json read_json(std::string_view text, Reader& reader) {
  if (text.size() > most_bytes) {
    reader.report({}, "is larger than 256 MiB");
    return {};
  }
  std::vector<std::set<std::string>> keys;
  bool good = true;
  const auto refuse = [&](std::string message) {
    if (good) reader.report({}, std::move(message));
    good = false;
    return true;
  };
  const auto visit = [&](int depth, Json::parse_event_t event, Json& item) {
    using Event = Json::parse_event_t;
    if (depth > most_depth) return refuse(fmt::format("is nested deeper than {} levels", most_depth));
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(item.get<std::string>()).second)
      return refuse(fmt::format("the key `{}` stands twice in one object", item.get<std::string>()));
    if (event == Event::value && item.is_number_float())
      return refuse(fmt::format("the number {} is not an integer", item.dump()));
    return true;
  };
  try {
    Json json = Json::parse(text.begin(), text.end(), visit);
    return good ? json : Json();
  } catch (const Json::exception& error) {
    const std::string_view what = error.what();
    reader.report({},
                  fmt::format("is not JSON: {}", what.substr(std::min(what.find("] ") + 2, what.size()))));
    return {};
  }
}

class PlanReader {
 public:
  PlanReader(const Json& json, Parsed& out, Reader& reader) : json_(json), plan_(out.plan), r_(reader) {}

  /// Forms first: names of things can only be followed when each is a name.
  void read() {
    r_.object(json_, "",
              {"format", "plan_id", "lab", "compiler", "requires", "inputs", "artifacts", "secrets", "pools",
               "groups", "steps"});
    if (!json_.is_object()) return;
    plan_.id = r_.text(json_, "", "plan_id");
    plan_.lab = r_.text(json_, "", "lab");
    plan_.compiler = r_.text(json_, "", "compiler");
    read_requires();
    each("inputs", [&](const Json& item, const std::string& at) {
      r_.object(item, at, {"path", "sha256"});
      plan_.inputs.push_back({r_.text(item, at, "path"), r_.text(item, at, "sha256", Form::sha256)});
    });
    each("artifacts", [&](const Json& item, const std::string& at) { read_artifact(item, at); });
    each("secrets", [&](const Json& item, const std::string& at) { read_secret(item, at); });
    each("pools", [&](const Json& item, const std::string& at) {
      r_.object(item, at, {"name", "limit"});
      plan_.pools.push_back({r_.text(item, at, "name"), r_.number(item, at, "limit", 1, 1000)});
    });
    each("groups", [&](const Json& item, const std::string& at) {
      r_.object(item, at, {"name", "title"});
      plan_.groups.push_back({r_.text(item, at, "name", Form::id), r_.text(item, at, "title")});
    });
    each("steps", [&](const Json& item, const std::string& at) { read_step(item, at); });
    check(plan_, kinds_, r_);
  }

 private:
  template <class Read>
  void each(std::string_view name, Read read_item) {
    std::size_t i = 0;
    for (const Json& item : r_.list(json_, "", name)) {
      const std::string at = fmt::format("/{}/{}", name, i++);
      if (item.is_object())
        read_item(item, at);
      else
        r_.report(at, fmt::format("is {}, not an object", item.type_name()));
    }
  }

  void read_requires() {
    const auto at = json_.find("requires");
    if (at == json_.end()) return;
    if (!at->is_object()) return r_.report("/requires", fmt::format("is {}, not an object", at->type_name()));
    for (const auto& [name, unused] : at->items()) plan_.requires_[name] = r_.text(*at, "/requires", name);
    const auto labrun = plan_.requires_.find("labrun");
    if (labrun == plan_.requires_.end()) return;
    const std::optional<bool> fits = satisfies(LAB_VERSION, labrun->second);
    if (!fits)
      r_.report("/requires/labrun", fmt::format("{} is no range of versions", Json(labrun->second).dump()));
    else if (!*fits)
      r_.report("/requires/labrun",
                fmt::format("the plan is for labrun {}, and this is {}", labrun->second, LAB_VERSION));
  }

  void read_artifact(const Json& item, const std::string& at) {
    Artifact artifact;
    artifact.sealed = r_.boolean(item, at, "sealed");
    if (artifact.sealed)
      r_.object(item, at, {"path", "sealed"}, {"sha256"});
    else
      r_.object(item, at, {"path", "sha256", "sealed"});
    artifact.path = r_.text(item, at, "path", Form::path);
    if (item.contains("sha256")) artifact.sha256 = r_.text(item, at, "sha256", Form::sha256);
    plan_.artifacts.push_back(std::move(artifact));
  }

  void read_secret(const Json& item, const std::string& at) {
    Secret secret;
    secret.from = static_cast<Secret::From>(r_.word(item, at, "from", {"sops", "env"}));
    secret.ref = r_.text(item, at, "ref", Form::id);
    if (secret.from == Secret::From::env) {
      r_.object(item, at, {"ref", "from", "variable"});
      secret.variable = r_.text(item, at, "variable");
    } else {
      r_.object(item, at, {"ref", "from", "file", "key"});
      secret.file = r_.text(item, at, "file", Form::path);
      secret.key = r_.text(item, at, "key");
    }
    plan_.secrets.push_back(std::move(secret));
  }

  void read_step(const Json& item, const std::string& at) {
    r_.object(item, at,
              {"id", "kind", "after", "group", "title", "key", "desired", "expect", "on_change", "destroy",
               "protect", "retry", "timeout_s", "needs", "approve", "outputs", "origin"});
    Step step;
    step.id = r_.text(item, at, "id", Form::id);
    kinds_.push_back(r_.text(item, at, "kind"));
    step.after = r_.texts(item, at, "after", Form::id);
    step.group = r_.text(item, at, "group", Form::id);
    step.title = r_.text(item, at, "title");
    step.key = item.value("key", Json::object());
    step.desired = item.value("desired", Json::object());
    if (const auto expect = item.find("expect"); expect != item.end()) {
      if (r_.object(*expect, at + "/expect", {"state"}))
        step.expect = static_cast<Expect>(r_.word(*expect, at + "/expect", "state", {"absent", "present"}));
    }
    read_changes(item, at, step);
    step.destroy = static_cast<Destroy>(r_.word(item, at, "destroy", {"delete", "retain"}));
    step.protect = r_.boolean(item, at, "protect");
    step.retry = static_cast<Retry>(r_.word(item, at, "retry", {"none", "request", "task", "poll"}));
    step.timeout_s = r_.number(item, at, "timeout_s", 1, 86400);
    step.needs = r_.texts(item, at, "needs", Form::any);
    if (const auto approve = item.find("approve"); approve != item.end() && !approve->is_null())
      step.approve = r_.text(item, at, "approve");
    step.outputs = r_.texts(item, at, "outputs", Form::id);
    if (const auto origin = item.find("origin"); origin != item.end()) {
      if (r_.object(*origin, at + "/origin", {"file", "line"}))
        step.origin = {r_.text(*origin, at + "/origin", "file", Form::free),
                       r_.number(*origin, at + "/origin", "line", 0, 0x7fffffff)};
    }
    plan_.steps.push_back(std::move(step));
  }

  void read_changes(const Json& item, const std::string& at, Step& step) {
    const auto changes = item.find("on_change");
    if (changes == item.end()) return;
    const std::string here = at + "/on_change";
    if (!changes->is_object())
      return r_.report(here, fmt::format("is {}, not an object", changes->type_name()));
    for (const auto& [field, unused] : changes->items())
      step.on_change.emplace_back(
          field, static_cast<OnChange>(r_.word(*changes, here, field, {"update", "replace", "refuse"})));
  }

  const Json& json_;
  Plan& plan_;
  Reader& r_;
  std::vector<std::string> kinds_;  // of each step, as it is spelled
};

}  // namespace

Parsed parse(std::string_view text) {
  Parsed out;
  Reader reader(out.problems);
  const Json json = read_json(text, reader);
  if (!out.ok()) return out;
  if (json.is_object() && json.contains("format") && json["format"] != format) {
    reader.report("/format", fmt::format("the plan has format {}, and this program reads \"{}\"",
                                         json["format"].dump(), format));
    return out;
  }
  PlanReader(json, out, reader).read();
  if (out.ok() && out.plan.id != identify(json))
    reader.report("/plan_id", "is not the hash of the plan: the file was changed after it was written");
  return out;
}

}  // namespace lab::plan
