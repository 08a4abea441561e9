// A terminal screen in few words: the only face of curses that Swift sees. No curses type, macro or
// name appears here; cscreen.c is the only file that includes curses.h.
//
// No two functions may run at the same time. None of them may be called between cs_close and the next
// cs_open, except cs_close itself, which is then a no-op.

#ifndef CSCREEN_H
#define CSCREEN_H

#include <stdbool.h>
#include <stdint.h>

// What cs_open answers.
enum {
  CS_OPEN_FAILED = -1,    // no terminal could be opened; nothing was changed
  CS_OPEN_AS_ASKED = 0,   // the terminal type of $TERM
  CS_OPEN_FELL_BACK = 1,  // $TERM is unknown here; cs_terminal_type says what is used instead
};

// Attributes of a cell, to be combined with |.
enum {
  CS_BOLD = 1 << 0,
  CS_DIM = 1 << 1,
  CS_ITALIC = 1 << 2,
  CS_UNDERLINE = 1 << 3,
  CS_REVERSE = 1 << 4,
};

// What cs_signal answers; the outermost loop acts on it.
enum {
  CS_SIGNAL_NONE = 0,
  CS_SIGNAL_INTERRUPT = 1,  // SIGINT from outside; ^C itself arrives as a byte
  CS_SIGNAL_SUSPEND = 2,    // SIGTSTP from outside: call cs_suspend
  CS_SIGNAL_CONTINUED = 3,  // SIGCONT: call cs_redraw
  CS_SIGNAL_END = 4,        // SIGTERM or SIGHUP: leave; cs_ending_signal says which
  CS_SIGNAL_RESIZED = 5,    // the terminal has another size: repaint everything
};

// Opens the terminal on standard input and output: alternate screen, raw mode, bracketed paste, the
// terminal's own background. Installs handlers that restore the terminal on SIGTERM, SIGHUP and on
// crashes, and moves standard error into a temporary file while it is a terminal.
int32_t cs_open(void);

// Gives the terminal back as it was and prints what standard error received meanwhile. May be called
// twice, and is called at exit.
void cs_close(void);

// The terminal type in use; never null, valid until the next cs_open.
const char *cs_terminal_type(void);

// The size in cells now, as the terminal reports it, and at most 1000 rows and columns. LINES and COLUMNS
// are asked only where it reports none. Both pointers are written; neither may be null.
void cs_size(int32_t *rows, int32_t *columns);

// How many colours the terminal has: 0 or less, 8, 16, 88, 256 or more.
int32_t cs_color_count(void);

// Whether characters beyond ASCII can be shown.
bool cs_is_utf8(void);

// Draws one cell: `scalars[0]` with up to four combining marks behind it, `width` columns wide (1 or
// 2) in the foreground `color` (-1: the terminal's own) with `attributes`. A character for which this
// system knows another width is drawn as a replacement of the width asked for, so columns hold.
// Outside the screen nothing happens.
void cs_put(
  int32_t row, int32_t column, const uint32_t *scalars, int32_t count, int32_t width,
  int32_t color, uint32_t attributes);

// Places the cursor; a negative row hides it.
void cs_cursor(int32_t row, int32_t column);

// Sends what changed to the terminal, which shows it at once where it can.
void cs_flush(void);

// Sends `count` bytes as they are: a sequence that shows nothing and moves nothing. Between cs_leave and
// cs_return nothing is sent.
void cs_send(const uint8_t *bytes, int32_t count);

// Forgets what the terminal shows: the next cs_flush sends every cell. All cells are blank after it.
void cs_redraw(void);

// Asks the terminal whether it knows the kitty keyboard protocol, and for its background. What it answers
// comes as bytes of the keyboard; one that knows neither answers nothing.
void cs_ask(void);

// Turns that protocol on, so that Shift-Enter and others are told apart; every way out turns it off.
void cs_tell_keys_apart(void);

// The bytes that wait at the keyboard, without waiting for more: writes at most `capacity` of them and
// answers how many, 0 when there are none. Curses reads no keys and names none. A keyboard that is gone
// is a SIGHUP for cs_signal.
int32_t cs_read(uint8_t *bytes, int32_t capacity);

// The next signal that arrived, once.
int32_t cs_signal(void);

// The number of the signal behind CS_SIGNAL_END, or 0.
int32_t cs_ending_signal(void);

// Hands the terminal to another program (an editor), and takes it back blank. Between the two SIGTSTP
// stops the process at once.
void cs_leave(void);
void cs_return(void);

// Stops the process group as ^Z would, and returns when it is continued, with the screen blank.
void cs_suspend(void);

// ---- lines of text ----
//
// For a conversation without a screen; the functions above may not be called meanwhile.

// Has the keyboard send every byte as it is typed and echo nothing, so that a line may be longer than the
// system's line editor holds; ^C and ^Z are bytes as well. The way out, a crash and a stop give the
// terminal its modes back. False, with nothing changed, where standard input is no terminal that can be
// echoed to, or is not edited in lines to begin with.
bool cs_lines_begin(void);

// Whether what is typed is to be echoed, as the terminal was set before cs_lines_begin.
bool cs_lines_echo(void);

// Stops the process group as ^Z would. Returns at once; the stop comes soon.
void cs_lines_suspend(void);

// Gives the keyboard back as it was. May be called twice, and is called at exit.
void cs_lines_end(void);

#endif
