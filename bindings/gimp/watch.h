/* watch.h -- what a dialog shows of pictures, in GTK 2 and 3 alike: a preview as knobs move, small paintings of the
 * built-in styles to choose from, a bar, and the run itself, which Cancel ends. */
#ifndef WATCH_H
#define WATCH_H

#include "core.h"
#include <gtk/gtk.h>

typedef struct _Watch Watch;

/* WatchStyleFunc: somebody has chosen a built-in style. */
typedef void (*WatchStyleFunc) (const char *style, gpointer user_data);

/* WatchAskedFunc: the form is read into what is asked for; FALSE: something in it is wrong. */
typedef gboolean (*WatchAskedFunc) (Asked *asked, gpointer user_data, GError **error);

/* watch_new: in @dialog, which has nothing else in it, beside @form, a box; @asked is borrowed, and read by @read
 * before each preview, of which there is one at once. watch_free: before @dialog goes. */
Watch *watch_new (GtkDialog *dialog, GtkWidget *form, Asked *asked, WatchAskedFunc read, WatchStyleFunc on_style,
                  gpointer user_data);
void watch_free (Watch *watch);

/* watch_changed: a knob has moved: there is another preview in a moment. */
void watch_changed (Watch *watch);

/* watch_run: (transfer full) (nullable): as core_run(), with the bar and the picture in the dialog, of which the form
 * cannot be changed meanwhile; Cancel, or closing it, ends the run. @recipe: (out) (transfer full): of the result.
 * @again: (out): something was wrong, and has been said: it can be put right. */
RvImage *watch_run (Watch *watch, char **recipe, gboolean *again);

#endif
