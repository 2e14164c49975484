#include "sync/step_status.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "comm/agree.h"
#include "comm/topology.h"
#include "core/error_of.h"

namespace espalier::sync {
namespace {

// Fixed size on the wire; the text of an error is cut to fit.
struct Record {
  int64_t step;
  int32_t error_kind;  // 0 = none
  uint8_t stop_wanted, checkpoint_wanted, nonfinite, own_nonfinite;
  char text[496];
};
static_assert(sizeof(Record) == 512);

void describe_error(const std::exception_ptr& error, Record& record) {
  const Error known = error_of(error);
  record.error_kind = known.exit_code();
  std::strncpy(record.text, known.what(), sizeof(record.text) - 1);
}

}  // namespace

StepDecision exchange(comm::Communicator& control, const StepReport& report) {
  Record mine{};
  mine.step = report.step;
  mine.stop_wanted = report.stop_wanted;
  mine.checkpoint_wanted = report.checkpoint_wanted;
  mine.nonfinite = report.nonfinite;
  mine.own_nonfinite = report.own_nonfinite;
  if (report.next_error) describe_error(report.next_error, mine);
  std::vector<Record> all(static_cast<size_t>(control.size()));
  control.all_gather(&mine, all.data(), sizeof(Record), comm::DataType::u8).wait();
  StepDecision decision;
  for (size_t rank = 0; rank < all.size(); ++rank)
    if (all[rank].error_kind != 0 && !decision.next_error)
      decision.next_error =
          Error(static_cast<Kind>(all[rank].error_kind), "rank {} on {}, step {}: {}", rank,
                comm::gather_texts(control, comm::host_name())[rank], all[rank].step + 1,
                all[rank].text)
              .set_agreed();
  for (size_t rank = 0; rank < all.size(); ++rank) {
    const Record& record = all[rank];
    if (record.step != mine.step)
      throw decision.next_error.value_or(Error(Kind::kBug,
                                               "rank {} is at step {}, rank {} at step {}", rank,
                                               record.step, control.rank(), mine.step));
    decision.stop |= record.stop_wanted != 0;
    decision.checkpoint |= record.checkpoint_wanted != 0;
    decision.skip |= record.nonfinite != 0;
    if (record.own_nonfinite != 0 && decision.nonfinite_rank < 0)
      decision.nonfinite_rank = static_cast<int>(rank);
  }
  return decision;
}

void require_equal(comm::Communicator& control, const std::string& what, const std::string& value) {
  const std::vector<std::string> values = comm::gather_texts(control, value);
  for (size_t rank = 1; rank < values.size(); ++rank)
    if (values[rank] != values[0])
      throw Error(Kind::kUsage, "ranks 0 and {} differ in their {}: {} and {}", rank, what,
                  values[0], values[rank])
          .set_agreed();
}

}  // namespace espalier::sync
