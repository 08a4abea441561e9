#if defined(__linux__)
#define _GNU_SOURCE 1
#endif
#define NCURSES_WIDECHAR 1
#define _XOPEN_SOURCE_EXTENDED 1

#include "cscreen.h"
#include "rescue.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

// Codes of our own for sequences that terminfo does not name; curses keeps codes up to KEY_MAX.
enum {
  CODE_PASTE_BEGINS = KEY_MAX + 1,
  CODE_PASTE_ENDS,
  CODE_WORD_LEFT,
  CODE_WORD_RIGHT,
};

static const char paste_on[] = "\033[?2004h";
static const char paste_off[] = "\033[?2004l";

static struct {
  bool is_open;
  bool is_away;  // between cs_leave and cs_return
  bool is_utf8;
  SCREEN *screen;
  WINDOW *keys;  // a pad: reading keys from it refreshes nothing
  char type[128];
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

static int32_t open_some_terminal(void) {
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
  set_escdelay(25);
  self.keys = newpad(1, 1);
  keypad(self.keys, TRUE);
  nodelay(self.keys, TRUE);
  define_key("\033[200~", CODE_PASTE_BEGINS);
  define_key("\033[201~", CODE_PASTE_ENDS);
  define_key("\033[1;5D", CODE_WORD_LEFT);
  define_key("\033[1;5C", CODE_WORD_RIGHT);
  define_key("\033[1;3D", CODE_WORD_LEFT);
  define_key("\033[1;3C", CODE_WORD_RIGHT);
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
  set_modes();
  prepare_rescue();
  rescue.interrupt = rescue.suspend = rescue.continued = rescue.ending = 0;
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
    say(paste_off, sizeof paste_off - 1);
    curs_set(1);
    endwin();
  }
  rescue.is_armed = 0;
  rescue_release_stderr();
  rescue_remove_handlers();
  delwin(self.keys);
  delscreen(self.screen);
}

const char *cs_terminal_type(void) { return self.type; }

void cs_size(int32_t *rows, int32_t *columns) {
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

void cs_flush(void) { refresh(); }

void cs_redraw(void) {
  reset_prog_mode();
  erase();
  clearok(stdscr, TRUE);
}

// ---- keys and signals ----

static int32_t named_key(wint_t code) {
  switch (code) {
  case KEY_LEFT: return CS_KEY_LEFT;
  case KEY_RIGHT: return CS_KEY_RIGHT;
  case KEY_UP: return CS_KEY_UP;
  case KEY_DOWN: return CS_KEY_DOWN;
  case KEY_HOME: return CS_KEY_HOME;
  case KEY_END: return CS_KEY_END;
  case KEY_PPAGE: return CS_KEY_PAGE_UP;
  case KEY_NPAGE: return CS_KEY_PAGE_DOWN;
  case KEY_BACKSPACE: return CS_KEY_BACKSPACE;
  case KEY_DC: return CS_KEY_DELETE;
  case KEY_BTAB: return CS_KEY_BACKTAB;
  case KEY_ENTER: return CS_KEY_ENTER;
  case KEY_RESIZE: return CS_KEY_RESIZED;
  case CODE_PASTE_BEGINS: return CS_KEY_PASTE_BEGINS;
  case CODE_PASTE_ENDS: return CS_KEY_PASTE_ENDS;
  case CODE_WORD_LEFT: return CS_KEY_WORD_LEFT;
  case CODE_WORD_RIGHT: return CS_KEY_WORD_RIGHT;
  }
  if (code >= (wint_t)KEY_F(1) && code <= (wint_t)KEY_F(12)) {
    return CS_KEY_FUNCTION + (int32_t)(code - KEY_F0);
  }
  return CS_KEY_OTHER;
}

int32_t cs_key(uint32_t *scalar) {
  wint_t code = 0;
  int kind = wget_wch(self.keys, &code);
  if (kind == KEY_CODE_YES) return named_key(code);
  if (kind != OK) return CS_KEY_NONE;
  *scalar = (uint32_t)code;
  return CS_KEY_SCALAR;
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
  return CS_SIGNAL_NONE;
}

int32_t cs_ending_signal(void) { return rescue.ending; }

// ---- away and back ----

void cs_leave(void) {
  if (!self.is_open || self.is_away) return;
  self.is_away = true;
  rescue.is_armed = 0;
  say(paste_off, sizeof paste_off - 1);
  curs_set(1);
  def_prog_mode();
  endwin();
  rescue_release_stderr();
}

void cs_return(void) {
  if (!self.is_open || !self.is_away) return;
  self.is_away = false;
  rescue_keep_stderr();
  cs_redraw();
  refresh();
  say(paste_on, sizeof paste_on - 1);
  rescue.is_armed = 1;
}

void cs_suspend(void) {
  cs_leave();
  struct sigaction ours;
  sigaction(SIGTSTP, NULL, &ours);
  signal(SIGTSTP, SIG_DFL);
  kill(0, SIGTSTP);
  sigaction(SIGTSTP, &ours, NULL);
  rescue.continued = 0;
  cs_return();
}
