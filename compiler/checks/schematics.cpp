// LAB0524: every text of an image's schematic has one spelling, so that the schematic's id can be computed.
#include "compiler/checks/rules.h"
#include "compiler/model/node_facts.h"
#include "compiler/types/schematic_text.h"

namespace lab::checks {

namespace {

void judge(const model::List<model::Prop<model::Text>>& texts, Context& context) {
  for (const auto& text : texts) {
    const auto spelling = types::schematic_text(*text);
    if (spelling) continue;
    context
        .report(make(Code::schematic_text, context.span(text.at), "this text",
                     "the id of an image cannot be computed: {}", spelling.problem().reason))
        .note("the image factory names an image by the hash of a YAML text, whose spelling must be certain");
  }
}

}  // namespace

void schematics(const model::Lab& lab, Context& context) {
  for (const model::Cluster& cluster : lab.clusters)
    if (const auto& talos = cluster.distribution.talos) judge(talos->kernel_args, context);
  for (const model::Node& node : lab.nodes)
    if (lab.get(node.cluster).distribution.talos) judge(model::facts_of(lab, node).extensions, context);
}

}  // namespace lab::checks
