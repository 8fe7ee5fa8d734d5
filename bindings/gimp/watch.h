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

/* WatchAskFunc: runs the dialog; TRUE: by OK. */
typedef gboolean (*WatchAskFunc) (GtkDialog *dialog);

/* watch_new: in @dialog, which has nothing else in it, beside @form, a box; @asked is borrowed, and read by @read
 * before each preview, of which there is one at once. */
Watch *watch_new (GtkDialog *dialog, GtkWidget *form, Asked *asked, WatchAskedFunc read, WatchStyleFunc on_style,
                  gpointer user_data);

/* watch_changed: of a Watch: a knob has moved: there is another preview in a moment. */
void watch_changed (gpointer watch);

/* watch_run: (transfer full) (nullable): as core_run(), once somebody says OK, with the bar and the picture in the
 * dialog, whose form cannot be changed meanwhile; Cancel, or closing it, ends the run. What is wrong is said, and can
 * be put right. @watch and its dialog are gone then. @recipe: (out) (transfer full): of the result. Errors:
 * %RV_ERROR_CANCELLED. */
RvImage *watch_run (Watch *watch, WatchAskFunc ask, char **recipe, GError **error);

#endif
