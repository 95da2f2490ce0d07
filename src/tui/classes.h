/* tui/classes.h - the classes pane's model (classes.c) for its painter (classes_paint.c) and the key actions. */
#ifndef TUI_CLASSES_H
#define TUI_CLASSES_H

#include "tui/screen.h"

enum { CLASSES_COLUMN = 43, HEAT_ROWS = 4 };

void classes_recalc(struct screen *s, int rows, int cols);
void classes_resort(struct screen *s);         /* at the next frame, even while the rows are held */
int classes_selected_row(const struct screen *s); /* -1: there are no rows */
int classes_list_rows(const struct screen *s, int rows);
void classes_move(struct screen *s, int by);
void classes_move_end(struct screen *s, bool last);
bool classes_toggle_group(struct screen *s);   /* false: the cursor is not on a group */

#endif
