// A rank does not outlive its launcher.
#pragma once

namespace espalier::comm {

// Starts a thread that ends this process with Kind::kPeer within a second after the process that
// started it (mpirun, orted, slurmstepd) has gone: killed, or left by a second Ctrl-C. For ranks of
// a launcher only: a program started by hand may well outlive its shell.
void leave_with_launcher();

}  // namespace espalier::comm
