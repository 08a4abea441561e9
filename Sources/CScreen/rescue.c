// The terminal's way back when a signal ends or breaks the program: no curses here, only what a
// signal handler may call.
#if defined(__linux__)
#define _GNU_SOURCE 1
#endif
#include "rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What the handlers may touch: prepared in advance, since neither malloc nor stdio is allowed there.
struct rescue rescue = {.true_stderr = -1, .kept_stderr = -1};

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGQUIT};
enum { CRASH_COUNT = sizeof crash_signals / sizeof crash_signals[0] };
static const int end_signals[] = {SIGTERM, SIGHUP};
static const int soft_signals[] = {SIGINT, SIGTSTP, SIGCONT, SIGWINCH};
enum { SOFT_COUNT = sizeof soft_signals / sizeof soft_signals[0] };
static struct sigaction old_crash[CRASH_COUNT];
static struct sigaction old_end[2];
static struct sigaction old_soft[SOFT_COUNT];
static struct sigaction old_alarm;
// Seconds until the loop has to have heard of the end.
enum { END_PATIENCE = 3 };

// ---- standard error, kept away from the screen ----

void rescue_send_all(int fd, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t sent = write(fd, bytes, count);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    bytes += sent;
    count -= (size_t)sent;
  }
}

void rescue_keep_stderr(void) {
  if (!isatty(STDERR_FILENO)) return;
  char path[] = "/tmp/fathom-stderr-XXXXXX";
  int kept = mkstemp(path);
  if (kept < 0) return;
  unlink(path);
  int saved = dup(STDERR_FILENO);
  if (saved < 0) {
    close(kept);
    return;
  }
  fflush(stderr);
  dup2(kept, STDERR_FILENO);
  rescue.kept_stderr = kept;
  rescue.true_stderr = saved;
}

// Async-signal-safe: dup2, lseek, read and write only.
static void give_stderr_back(void) {
  if (rescue.true_stderr < 0) return;
  int saved = rescue.true_stderr, kept = rescue.kept_stderr;
  rescue.true_stderr = -1;
  dup2(saved, STDERR_FILENO);
  lseek(kept, 0, SEEK_SET);
  char buffer[1024];
  ssize_t count;
  while ((count = read(kept, buffer, sizeof buffer)) > 0) {
    rescue_send_all(STDERR_FILENO, buffer, (size_t)count);
  }
}

void rescue_release_stderr(void) {
  if (rescue.true_stderr < 0) return;
  int saved = rescue.true_stderr, kept = rescue.kept_stderr;
  fflush(stderr);
  give_stderr_back();
  close(saved);
  close(kept);
}

// ---- the way out when there is no time for curses ----

void rescue_append(const char *bytes, size_t count) {
  for (size_t i = 0; i < count && rescue.restore_length < sizeof rescue.restore; i++) {
    rescue.restore[rescue.restore_length++] = bytes[i];
  }
}

// Async-signal-safe: restores the terminal from what was prepared.
static void restore_now(void) {
  if (!rescue.is_armed) return;
  rescue.is_armed = 0;
  rescue_send_all(STDOUT_FILENO, rescue.restore, rescue.restore_length);
  if (rescue.has_modes) tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
  give_stderr_back();
}

static void on_crash(int number, siginfo_t *info, void *context) {
  (void)context;
  restore_now();
  for (int i = 0; i < CRASH_COUNT; i++) {
    if (crash_signals[i] == number) sigaction(number, &old_crash[i], NULL);
  }
  // The handler that was there before has the last word. After a fault the instruction runs again when
  // this one returns, and meets it. A signal that was sent is sent again, and then without mercy: a
  // handler that waits for the fault to come back would let the process live on without a screen.
  bool is_fault = info != NULL && info->si_code > 0 && number != SIGTRAP && number != SIGQUIT;
  if (is_fault) return;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  raise(number);
  signal(number, SIG_DFL);
  raise(number);
}

// Leaves from here. A terminal that takes nothing, as after ^S, would hold this thread as well, so what it
// does not take at once is left out.
static void leave(int number) {
  tcflush(STDOUT_FILENO, TCOFLUSH);
  int flags = fcntl(STDOUT_FILENO, F_GETFL);
  if (flags >= 0) fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
  restore_now();
  if (flags >= 0) fcntl(STDOUT_FILENO, F_SETFL, flags);
  signal(number, SIG_DFL);
  raise(number);
}

static void on_end(int number) {
  if (rescue.ending != 0) {  // asked twice: the loop does not answer, so leave from here
    leave(number);
    return;
  }
  rescue.ending = number;
  alarm(END_PATIENCE);
}

static void on_alarm(int number) {
  (void)number;
  leave(rescue.ending);
}

static void on_soft(int number) {
  if (number == SIGINT) rescue.interrupt = 1;
  if (number == SIGTSTP) rescue.suspend = 1;
  if (number == SIGCONT) rescue.continued = 1;
  if (number == SIGWINCH) rescue.resized = 1;
}

void rescue_install(int number, void (*handler)(int), int flags, struct sigaction *old) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, old);
}

void rescue_install_crash_handlers(void) {
  for (int i = 0; i < CRASH_COUNT; i++) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(crash_signals[i], &action, &old_crash[i]);
  }
}

void rescue_install_handlers(void) {
  rescue_install_crash_handlers();
  for (int i = 0; i < 2; i++) rescue_install(end_signals[i], on_end, SA_RESTART, &old_end[i]);
  for (int i = 0; i < SOFT_COUNT; i++) {
    rescue_install(soft_signals[i], on_soft, SA_RESTART, &old_soft[i]);
  }
  rescue_install(SIGALRM, on_alarm, SA_RESTART, &old_alarm);
}

void rescue_remove_crash_handlers(void) {
  for (int i = 0; i < CRASH_COUNT; i++) sigaction(crash_signals[i], &old_crash[i], NULL);
}

void rescue_remove_handlers(void) {
  rescue_remove_crash_handlers();
  for (int i = 0; i < 2; i++) sigaction(end_signals[i], &old_end[i], NULL);
  for (int i = 0; i < SOFT_COUNT; i++) sigaction(soft_signals[i], &old_soft[i], NULL);
  alarm(0);
  sigaction(SIGALRM, &old_alarm, NULL);
}
