// What rescue.c prepares, and cscreen.c and lines.c use; not part of the room's face.
#ifndef CSCREEN_RESCUE_H
#define CSCREEN_RESCUE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

// Prepared in advance, since a handler may use neither malloc nor stdio.
struct rescue {
  volatile sig_atomic_t interrupt, suspend, continued, resized, ending;
  volatile sig_atomic_t is_armed;
  struct termios modes;
  bool has_modes;
  char restore[256];
  size_t restore_length;
  int true_stderr;  // -1: standard error was left alone
  int kept_stderr;
};

extern struct rescue rescue;

/// Adds bytes that give the terminal back.
void rescue_append(const char *bytes, size_t count);
/// Writes all bytes.
void rescue_send_all(int fd, const char *bytes, size_t count);
/// Keeps standard error away from the screen, and gives it back with what was kept.
void rescue_keep_stderr(void);
void rescue_release_stderr(void);
/// Has a signal call `handler`, and keeps what it did before in `old`.
void rescue_install(int number, void (*handler)(int), int flags, struct sigaction *old);
/// Puts the handlers in place, and takes them away again.
void rescue_install_handlers(void);
void rescue_remove_handlers(void);
/// Puts those for crashes alone in place, and takes them away again.
void rescue_install_crash_handlers(void);
void rescue_remove_crash_handlers(void);

#endif
