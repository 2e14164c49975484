// TensorBoard's event file, for scalars.
//
//   EventFile events(run, /*first_step=*/101);
//   events.write(120, {{"loss", 0.31}});
//
// A record is: length (u64), its checksum (u32), an Event, its checksum; all little-endian. A
// checksum is a masked CRC-32C. An Event is a protobuf message; what is written here by hand is
//   Event {1: double wall_time, 2: int64 step, 3: file_version, 5: Summary, 7: SessionLog}
//   Summary {1: repeated Value {1: string tag, 2: float simple_value}}   SessionLog {1: status}
// (TensorFlow, core/util/event.proto, core/framework/summary.proto, core/lib/io/record_writer.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace espalier {

// Appends. Used by one thread of one process. Failures are kIo with the path.
class EventFile {
 public:
  // A new file in `folder`, named for the time. TensorBoard forgets what older files there say of
  // `first_step` and later ones.
  EventFile(const std::filesystem::path& folder, int64_t first_step);
  ~EventFile();
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  // When this returns, the event survives the end of this process.
  void write(int64_t step, const std::vector<std::pair<std::string, double>>& scalars);
  // When this returns, all events survive a crash of the machine.
  void sync();

  const std::filesystem::path& path() const { return path_; }

 private:
  void append(std::string_view event);

  std::filesystem::path path_;
  int descriptor_ = -1;
};

// The CRC-32C (Castagnoli) of `bytes`.
[[nodiscard]] uint32_t crc32c(std::string_view bytes);

}  // namespace espalier
