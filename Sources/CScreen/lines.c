// The keyboard of a conversation in lines of text: bytes as they are typed, and the terminal's own modes
// back on every way out.
#if defined(__linux__)
#define _GNU_SOURCE 1
#endif
#include "cscreen.h"
#include "rescue.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
  bool is_on;
  struct termios modes;  // while it is on
  struct sigaction stop, go_on;
  volatile sig_atomic_t has_given_back;  // the terminal has its modes, and the signal to stop is on its way
} keyboard;

// Async-signal-safe. A process in the background may not set the terminal of another one.
static void apply(const struct termios *modes) {
  if (tcgetpgrp(STDIN_FILENO) == getpgrp()) tcsetattr(STDIN_FILENO, TCSANOW, modes);
}

static void on_go_on(int number) {
  (void)number;
  apply(&keyboard.modes);
}

// Gives the modes back, stops as the signal asks to, and goes on from here. The signal is sent to this
// thread, so it has stopped the process before raise returns.
static void on_stop(int number) {
  struct sigaction usual = {.sa_handler = SIG_DFL}, ours;
  // Else not: the shell may take the terminal just now, to set it would stop this process here, and what follows
  // would stop it once more when it goes on.
  if (!keyboard.has_given_back) apply(&rescue.modes);
  keyboard.has_given_back = 0;
  sigaction(number, &usual, &ours);
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, &before);
  raise(number);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  sigaction(number, &ours, NULL);
  apply(&keyboard.modes);
}

bool cs_lines_begin(void) {
  if (keyboard.is_on) return true;
  int flags = fcntl(STDIN_FILENO, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) != O_RDWR) return false;
  if (tcgetattr(STDIN_FILENO, &rescue.modes) != 0) return false;
  if (!(rescue.modes.c_lflag & ICANON)) return false;
  keyboard.modes = rescue.modes;
  keyboard.modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
  keyboard.modes.c_cc[VINTR] = keyboard.modes.c_cc[VSUSP] = _POSIX_VDISABLE;
  keyboard.modes.c_cc[VMIN] = 1;
  keyboard.modes.c_cc[VTIME] = 0;
  if (tcsetattr(STDIN_FILENO, TCSANOW, &keyboard.modes) != 0) return false;
  keyboard.is_on = true;
  rescue.has_modes = true;
  rescue.restore_length = 0;
  rescue.is_armed = 1;
  rescue_install_crash_handlers();
  rescue_install(SIGTSTP, on_stop, SA_RESTART, &keyboard.stop);
  rescue_install(SIGCONT, on_go_on, SA_RESTART, &keyboard.go_on);
  static bool is_registered = false;
  if (!is_registered) is_registered = atexit(cs_lines_end) == 0;
  return true;
}

bool cs_lines_echo(void) { return rescue.modes.c_lflag & ECHO; }

// The modes come first: another process of the group may stop sooner than this one, and then the terminal
// is the shell's already.
void cs_lines_suspend(void) {
  if (!keyboard.is_on) return;
  tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
  keyboard.has_given_back = 1;
  kill(0, SIGTSTP);
}

void cs_lines_end(void) {
  if (!keyboard.is_on) return;
  keyboard.is_on = false;
  rescue.is_armed = 0;
  sigaction(SIGTSTP, &keyboard.stop, NULL);
  sigaction(SIGCONT, &keyboard.go_on, NULL);
  rescue_remove_crash_handlers();
  tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
}
