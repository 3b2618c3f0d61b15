// talos.kubeconfig/1: an administrator's access to the Kubernetes API. A node issues it from the cluster's CA
// whenever it is asked (MachineService/Kubeconfig: a stream of common.Data that is a tar.gz with the file
// `kubeconfig`).
#include <fmt/format.h>

#include "crypto/secret_bytes.h"
#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/common/yaml.h"
#include "runtime/drivers/talos/client.h"
#include "runtime/drivers/talos/drivers.h"

namespace lab::drivers::talos {
namespace {

class Kubeconfig final : public Lasting {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    Probe probe;
    auto asking = fetch(context, step);
    auto text = co_await std::move(asking);
    if (!text) {
      if (!not_yet(text.error())) co_return text.error();
      probe.note = "the node does not answer yet";
      co_return probe;
    }
    probe.found = Found::same;
    probe.fingerprint = "issued";  // anew each time
    probe.outputs.secret["kubeconfig"] = *text;
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe&) override {
    auto asking = fetch(context, step);
    auto text = co_await std::move(asking);
    if (!text) co_return text.error();
    Outputs outputs;
    outputs.secret["kubeconfig"] = *text;
    co_return outputs;
  }

 private:
  static Task<Outcome<engine::Secret>> fetch(Context& context, const Step& step) {
    auto known = credentials(context, step.desired.at("talosconfig"));
    if (!known) co_return known.error();
    auto asking = demand(context, administrator(step.desired.at("node"), *known), call::kubeconfig, {});
    auto answer = co_await std::move(asking);
    if (!answer) co_return answer.error();
    std::string archive;
    for (const std::string& each : answer->bodies) archive += read_data(each);
    const std::string text = untar(gunzip(archive), "kubeconfig");
    auto documents = read_yaml(text);
    if (!documents || documents->empty() || !documents->front().is_object() ||
        !documents->front().contains("clusters"))
      co_return Failure{FailureClass::sent, "Kubeconfig: the answer holds no kubeconfig"};
    nlohmann::json config = std::move(documents->front());
    for (auto& each : config["clusters"]) each["cluster"]["server"] = step.desired.at("endpoint");
    co_return std::make_shared<const crypto::SecretBytes>(
        crypto::SecretBytes::copy_text(config.dump()));  // JSON is YAML
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_kubeconfig() {
  return std::make_unique<Kubeconfig>();
}

}  // namespace lab::drivers::talos
