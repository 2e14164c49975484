#include "app/packing.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "comm/agree.h"
#include "core/clock.h"
#include "core/cores.h"
#include "core/stop_request.h"

namespace espalier::app {
namespace {

class RankExchange : public pack::Exchange {
 public:
  explicit RankExchange(comm::Communicator& control) : control_(control) {}
  int rank() const override { return control_.rank(); }
  int ranks() const override { return control_.size(); }
  void agree(const std::function<void()>& action) override { comm::agree(control_, action); }
  void on_rank_zero(const std::function<void()>& action) override {
    comm::on_rank_zero(control_, action);
  }
  std::vector<std::string> gather(const std::string& text) override {
    return comm::gather_texts(control_, text);
  }

 private:
  comm::Communicator& control_;
};

// A line for each phase, of rank 0.
pack::PackProgress progress_of(const Context& context) {
  const bool enabled = context.control.rank() == 0 && !context.quiet;
  struct Line {
    std::string phase;
    std::optional<Progress> progress;
  };
  return
      [line = std::make_shared<Line>(), enabled](const char* phase, int64_t done, int64_t total) {
        if (line->phase != phase) {
          line->progress.reset();  // which ends its line
          line->progress.emplace(line->phase = phase, "images", total, enabled);
        }
        line->progress->update(done);
        stop_request::throw_if_wanted("what has been packed is kept");
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

template <typename T>
CLI::Option* add_option(CLI::App& command, const std::string& name, T* target) {
  return command.add_option(name, *target)->capture_default_str();
}
CLI::Option* add_option(CLI::App& command, const std::string& name, const EnumTarget& target) {
  const auto set = [target](const std::string& given) { target.set({given}); };
  check(!target.is_list, Kind::kBug, "{} is a list of choices, which no verb declares", name);
  return command.add_option_function<std::string>(name, set)->default_str(target.names().front());
}

}  // namespace

void declare_field(CLI::App& command, const Field& field) {
  std::string name = "--" + field.name;
  std::ranges::replace(name, '_', '-');
  std::visit(
      [&](const auto& target) {
        CLI::Option* option = add_option(command, name, target)->description(field.info.help);
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
  RankExchange exchange(context.control);
  packer.run(exchange, progress_of(context));
  if (context.control.rank() == 0) print_summary(packer.plan(), out);
}

}  // namespace espalier::app
