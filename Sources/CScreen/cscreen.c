#if defined(__linux__)
#define _GNU_SOURCE 1
#endif
#define NCURSES_WIDECHAR 1
#define _XOPEN_SOURCE_EXTENDED 1

#include "cscreen.h"
#include "rescue.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

enum { LARGEST_SIDE = 1000 };  // rows or columns of a screen

static const char paste_on[] = "\033[?2004h";
static const char paste_off[] = "\033[?2004l";
// Synchronized output: what comes between the two is shown at once. Terminals that do not know it ignore it.
static const char hold[] = "\033[?2026h";
static const char show[] = "\033[?2026l";
// The kitty keyboard protocol: is it there, on (keys that were told alike are told apart), off.
static const char keys_ask[] = "\033[?u";
static const char keys_on[] = "\033[>1u";
static const char keys_off[] = "\033[<u";
// What is the background?
static const char background_ask[] = "\033]11;?\033\\";

static struct {
  bool is_open;
  bool is_away;  // between cs_leave and cs_return
  bool is_utf8;
  bool has_keys;  // the keyboard protocol is on
  SCREEN *screen;
  struct sigaction stop;  // what SIGTSTP does between cs_return and cs_leave
  char type[128];
  int32_t usual_rows, usual_columns;  // of a terminal of this type
  short pair_of[256 + 1];  // colour + 1 -> pair; 0 is not allocated
  short pair_count;
} self;

// ---- opening and closing ----

static void append_capability(const char *name) {
  const char *text = tigetstr(name);
  if (text == NULL || text == (char *)-1) return;
  for (; *text != 0; text++) {
    if (text[0] == '$' && text[1] == '<') {  // a padding delay, for terminals of another age
      const char *end = strchr(text, '>');
      if (end == NULL) return;
      text = end;
      continue;
    }
    rescue_append(text, 1);
  }
}

static void prepare_rescue(void) {
  rescue.restore_length = 0;
  rescue_append(show, sizeof show - 1);
  if (self.has_keys) rescue_append(keys_off, sizeof keys_off - 1);  // each screen has its own
  rescue_append(paste_off, sizeof paste_off - 1);
  append_capability("sgr0");
  append_capability("cnorm");
  append_capability("rmkx");
  append_capability("rmcup");
}

static bool choose_locale(void) {
  static const char *const names[] = {"", "C.UTF-8", "en_US.UTF-8"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (setlocale(LC_CTYPE, names[i]) != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) {
      return true;
    }
  }
  return false;
}

// The size that the terminal reports is the one that counts. LINES and COLUMNS are asked only where it
// reports none, and never believed beyond what a screen may have.
static int32_t told_by(const char *name, int fallback) {
  const char *text = getenv(name);
  long value = text != NULL ? strtol(text, NULL, 10) : 0;
  return value >= 1 && value <= LARGEST_SIDE ? (int32_t)value : fallback;
}

static int32_t at_most_largest(int side) { return side < LARGEST_SIDE ? side : LARGEST_SIDE; }

// Gives curses the terminal's size, if it has another.
static void fit(void) {
  struct winsize size = {0};
  bool is_told = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;
  int32_t rows = is_told ? at_most_largest(size.ws_row) : told_by("LINES", self.usual_rows);
  int32_t columns = is_told ? at_most_largest(size.ws_col) : told_by("COLUMNS", self.usual_columns);
  if (rows != getmaxy(stdscr) || columns != getmaxx(stdscr)) resizeterm(rows, columns);
}

static int32_t open_some_terminal(void) {
  use_env(FALSE);
  const char *asked = getenv("TERM");
  const char *const types[] = {asked != NULL ? asked : "", "xterm-256color", "vt100", "ansi"};
  for (int i = 0; i < 4; i++) {
    if (types[i][0] == 0) continue;
    self.screen = newterm((char *)types[i], stdout, stdin);
    if (self.screen == NULL) continue;
    snprintf(self.type, sizeof self.type, "%s", types[i]);
    return i == 0 ? CS_OPEN_AS_ASKED : CS_OPEN_FELL_BACK;
  }
  return CS_OPEN_FAILED;
}

static void set_modes(void) {
  raw();
  noecho();
  nonl();  // keeps Enter (13) and ^J (10) apart
  typeahead(-1);  // paints whatever waits to be read: curses reads nothing here
  if (has_colors()) {
    start_color();
    use_default_colors();
  }
}

static void say(const char *text, size_t length) {
  fflush(stdout);
  rescue_send_all(STDOUT_FILENO, text, length);
}

int32_t cs_open(void) {
  if (self.is_open) return CS_OPEN_AS_ASKED;
  rescue.has_modes = tcgetattr(STDIN_FILENO, &rescue.modes) == 0;
  memset(&self, 0, sizeof self);
  self.is_utf8 = choose_locale();
  int32_t answer = open_some_terminal();
  if (answer == CS_OPEN_FAILED) return answer;
  self.is_open = true;
  self.usual_rows = getmaxy(stdscr);
  self.usual_columns = getmaxx(stdscr);
  set_modes();
  fit();
  prepare_rescue();
  rescue.interrupt = rescue.suspend = rescue.continued = rescue.resized = rescue.ending = 0;
  rescue_install_handlers();
  rescue.is_armed = 1;
  rescue_keep_stderr();
  static bool is_registered = false;
  if (!is_registered) is_registered = atexit(cs_close) == 0;
  say(paste_on, sizeof paste_on - 1);
  return answer;
}

void cs_close(void) {
  if (!self.is_open) return;
  self.is_open = false;
  if (!self.is_away) {
    if (self.has_keys) say(keys_off, sizeof keys_off - 1);
    say(paste_off, sizeof paste_off - 1);
    curs_set(1);
    endwin();
  }
  rescue.is_armed = 0;
  rescue_release_stderr();
  rescue_remove_handlers();
  delscreen(self.screen);
}

const char *cs_terminal_type(void) { return self.type; }

void cs_size(int32_t *rows, int32_t *columns) {
  fit();
  *rows = getmaxy(stdscr);
  *columns = getmaxx(stdscr);
}

int32_t cs_color_count(void) { return has_colors() ? COLORS : 0; }

bool cs_is_utf8(void) { return self.is_utf8; }

// ---- drawing ----

// The pair that has `color` in front of the terminal's own background; 0 when there is none left.
static short pair_for(int32_t color) {
  if (color < 0 || color >= 256 || color >= COLORS) return 0;
  short *pair = &self.pair_of[color + 1];
  if (*pair != 0) return *pair;
  if (self.pair_count + 1 >= COLOR_PAIRS) return 0;
  short fresh = (short)(self.pair_count + 1);
#if defined(NCURSES_EXT_COLORS) && NCURSES_EXT_COLORS
  if (init_extended_pair(fresh, color, -1) == ERR) return 0;
#else
  if (init_pair(fresh, (short)color, -1) == ERR) return 0;
#endif
  self.pair_count = fresh;
  *pair = fresh;
  return fresh;
}

static attr_t curses_attributes(uint32_t attributes) {
  attr_t answer = A_NORMAL;
  if (attributes & CS_BOLD) answer |= A_BOLD;
  if (attributes & CS_DIM) answer |= A_DIM;
#ifdef A_ITALIC
  if (attributes & CS_ITALIC) answer |= A_ITALIC;
#endif
  if (attributes & CS_UNDERLINE) answer |= A_UNDERLINE;
  if (attributes & CS_REVERSE) answer |= A_REVERSE;
  return answer;
}

void cs_put(
  int32_t row, int32_t column, const uint32_t *scalars, int32_t count, int32_t width,
  int32_t color, uint32_t attributes) {
  if (!self.is_open || count < 1) return;
  wchar_t text[CCHARW_MAX + 1];
  int length = 0;
  bool is_known = (scalars[0] < 0x7f || self.is_utf8) && wcwidth((wchar_t)scalars[0]) == width;
  text[length++] = is_known ? (wchar_t)scalars[0] : self.is_utf8 ? 0xfffd : L'?';
  for (int32_t i = 1; is_known && i < count && length < CCHARW_MAX; i++) {
    if (wcwidth((wchar_t)scalars[i]) == 0) text[length++] = (wchar_t)scalars[i];
  }
  text[length] = 0;
  short pair = pair_for(color);
  attr_t attribute = curses_attributes(attributes);
  cchar_t cell;
  if (setcchar(&cell, text, attribute, pair, NULL) == ERR) return;
  mvadd_wch(row, column, &cell);
  if (!is_known && width == 2) {
    setcchar(&cell, L" ", attribute, pair, NULL);
    mvadd_wch(row, column + 1, &cell);
  }
}

void cs_cursor(int32_t row, int32_t column) {
  if (row < 0) {
    curs_set(0);
    return;
  }
  curs_set(1);
  move(row, column);
}

void cs_flush(void) {
  say(hold, sizeof hold - 1);
  refresh();
  say(show, sizeof show - 1);
}

void cs_send(const uint8_t *bytes, int32_t count) {
  if (self.is_open && !self.is_away && count > 0) say((const char *)bytes, (size_t)count);
}

void cs_redraw(void) {
  reset_prog_mode();
  fit();
  erase();
  clearok(stdscr, TRUE);
}

// ---- what the terminal can do ----

void cs_ask(void) {
  if (!self.is_open || self.is_away) return;
  say(keys_ask, sizeof keys_ask - 1);
  say(background_ask, sizeof background_ask - 1);
}

void cs_tell_keys_apart(void) {
  if (!self.is_open || self.is_away || self.has_keys) return;
  sig_atomic_t was_armed = rescue.is_armed;
  rescue.is_armed = 0;
  self.has_keys = true;
  prepare_rescue();
  rescue.is_armed = was_armed;
  say(keys_on, sizeof keys_on - 1);
}

// ---- keys and signals ----

int32_t cs_read(uint8_t *bytes, int32_t capacity) {
  struct pollfd keyboard = {.fd = STDIN_FILENO, .events = POLLIN};
  if (poll(&keyboard, 1, 0) < 1) return 0;
  ssize_t count = read(STDIN_FILENO, bytes, (size_t)capacity);
  if (count > 0) return (int32_t)count;
  // The terminal is gone, and with it whoever could press a key.
  if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
    if (rescue.ending == 0) rescue.ending = SIGHUP;
  }
  return 0;
}

static bool take(volatile sig_atomic_t *flag) {
  if (!*flag) return false;
  *flag = 0;
  return true;
}

int32_t cs_signal(void) {
  if (rescue.ending != 0) return CS_SIGNAL_END;
  if (take(&rescue.interrupt)) return CS_SIGNAL_INTERRUPT;
  if (take(&rescue.suspend)) return CS_SIGNAL_SUSPEND;
  if (take(&rescue.continued)) return CS_SIGNAL_CONTINUED;
  if (take(&rescue.resized)) return CS_SIGNAL_RESIZED;
  return CS_SIGNAL_NONE;
}

int32_t cs_ending_signal(void) { return rescue.ending; }

// ---- away and back ----

void cs_leave(void) {
  if (!self.is_open || self.is_away) return;
  self.is_away = true;
  rescue.is_armed = 0;
  if (self.has_keys) say(keys_off, sizeof keys_off - 1);
  say(paste_off, sizeof paste_off - 1);
  curs_set(1);
  def_prog_mode();
  endwin();
  rescue_release_stderr();
  // With the terminal given away there is nothing to do before a stop: a ^Z in the other program stops
  // this one with it, as the shell expects.
  struct sigaction usual = {.sa_handler = SIG_DFL};
  sigaction(SIGTSTP, &usual, &self.stop);
}

void cs_return(void) {
  if (!self.is_open || !self.is_away) return;
  self.is_away = false;
  sigaction(SIGTSTP, &self.stop, NULL);
  rescue.interrupt = rescue.suspend = rescue.continued = 0;
  rescue_keep_stderr();
  cs_redraw();
  refresh();
  say(paste_on, sizeof paste_on - 1);
  if (self.has_keys) say(keys_on, sizeof keys_on - 1);
  rescue.is_armed = 1;
}

// Returns when the process has been stopped and continued, or at the latest after half a second: the
// system stops no process group that nobody could continue.
static void wait_until_continued(void) {
  const struct timespec pause = {.tv_nsec = 5000000};
  for (int i = 0; i < 100 && !rescue.continued; i++) nanosleep(&pause, NULL);
}

// A signal to the process is taken by any thread that does not block it, some time after kill has
// returned. So SIGTSTP must keep its usual meaning until the stop is over: a handler that is put back at
// once would take the signal, and nothing would stop.
void cs_suspend(void) {
  cs_leave();
  rescue.continued = 0;
  kill(0, SIGTSTP);
  wait_until_continued();
  cs_return();
}
