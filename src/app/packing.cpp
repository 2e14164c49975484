#include "app/packing.h"

#include <algorithm>

#include "comm/agree.h"
#include "core/clock.h"
#include "core/cores.h"
#include "core/log.h"
#include "core/stop_request.h"

namespace espalier::app {
namespace {

// Rank 0's share stands for all.
pack::PackProgress progress_of(const Context& context, const std::string& area, int64_t mine,
                               int64_t total) {
  const bool enabled = context.control.rank() == 0 && !context.quiet;
  const auto line = std::make_shared<Progress>(area, "images", total, enabled);
  return [line, mine, total](int64_t done) {
    line->update(done * total / mine);
    stop_request::throw_if_wanted("what is packed so far is kept");
  };
}

void print_summary(const pack::Plan& plan, const std::string& out) {
  const std::string skipped =
      plan.skipped.count > 0
          ? fmt::format(" ({} skipped, see {})", plan.skipped.count, shards::kSkippedName)
          : "";
  fmt::print("{}: {} images{}, {} classes, {} in {} shards ({} bytes of images)\n", out,
             with_commas(plan.table.size()), skipped, plan.facts.class_names.size(),
             plan.facts.kind, plan.shards(), with_commas(plan.table.offset.back()));
}

}  // namespace

void declare_field(CLI::App& command, const Field& field) {
  std::string name = "--" + field.name;
  std::ranges::replace(name, '_', '-');
  std::visit(
      [&](auto* target) {
        CLI::Option* option = command.add_option(name, *target, field.info.help);
        option->capture_default_str();
        if (type_name(field).starts_with("list")) option->delimiter(',');
        if (!field.info.choices.empty()) option->check(CLI::IsMember(field.info.choices));
        if (field.info.min > -std::numeric_limits<double>::infinity()) {
          option->check(CLI::Range(field.info.min, std::min(field.info.max, 9e18)));
        }
      },
      field.target);
}

int64_t default_threads() { return core_share().cores; }

void run_packer(pack::Packer& packer, Context& context, const std::string& out) {
  comm::Communicator& control = context.control;
  comm::on_rank_zero(control, [&] { packer.enter(); });
  std::string mine;
  comm::agree(control, [&] {
    mine = packer.scan(progress_of(context, "scan", packer.items(), packer.all_items()));
  });
  const std::vector<std::string> scans = comm::gather_texts(control, mine);
  comm::agree(control, [&] { packer.plan(scans); });
  comm::on_rank_zero(control, [&] {
    packer.prepare();
    for (const std::string& text : packer.plan().warnings) log::warning("pack", "{}", text);
  });
  comm::agree(control, [&] { mine = packer.begin(); });
  const std::vector<std::string> begun = comm::gather_texts(control, mine);
  comm::agree(control, [&] {
    const int64_t total = packer.plan().table.size();
    packer.write(begun, progress_of(context, "pack", packer.samples(), total));
  });
  comm::agree(control, [&] { mine = packer.seal(); });
  const std::vector<std::string> written = comm::gather_texts(control, mine);
  comm::on_rank_zero(control, [&] { packer.finish(written); });
  if (control.rank() == 0) print_summary(packer.plan(), out);
}

}  // namespace espalier::app
