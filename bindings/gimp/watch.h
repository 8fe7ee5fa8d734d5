/* watch.h -- preview, thumbnails of built-in styles, progress bar and run in a dialog, for GTK 2 and 3. Cancel ends the
 * run. */
#ifndef WATCH_H
#define WATCH_H

#include "core.h"
#include <gtk/gtk.h>

typedef struct _Watch Watch;

/* Called when a built-in style is chosen. */
typedef void (*WatchStyleFunc) (const char *style, gpointer user_data);

/* Reads the form into @request. RV_ERROR_SETTING: a value is invalid. */
typedef gboolean (*WatchReadFunc) (Request *request, gpointer user_data, GError **error);

/* Runs the dialog until a response. Returns whether that was OK. */
typedef gboolean (*WatchRunFunc) (GtkDialog *dialog);

/* Fills the empty @dialog with @form (a box), preview, progress bar and thumbnails, and starts a preview. @request:
 * borrowed, updated by @read before each preview. */
Watch *watch_new (GtkDialog *dialog, GtkWidget *form, Request *request, WatchReadFunc read, WatchStyleFunc on_style,
                  gpointer user_data);

/* Schedules a new preview after a change. @watch: a Watch. */
void watch_changed (gpointer watch);

/* (transfer full) (nullable): runs the dialog, and core_run() after OK, with its form disabled. Cancel and close end
 * the run. Errors are shown and can be corrected. Destroys @watch and the dialog. @recipe: (out) (transfer full): of
 * the result. Errors: %RV_ERROR_CANCELLED. */
RvImage *watch_run (Watch *watch, WatchRunFunc run, char **recipe, GError **error);

#endif
