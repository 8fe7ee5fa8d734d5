/* form.h -- a form from the library's tables, for GIMP 2.10, which makes no forms itself. Uses GTK 2. */
#ifndef FORM_H
#define FORM_H

#include "groups.h"

typedef struct _Form Form;

/* Called when the form has changed. */
typedef void (*FormFunc) (gpointer user_data);

/* (transfer full): a form in @box with the values of @request (borrowed). Calls @changed when the user changes a
 * value. */
Form *form_new (GtkWidget *box, Request *request, FormFunc changed, gpointer user_data);
/* Call after @box is destroyed. */
void form_free (Form *form);
/* Adds a row with the widget @knob below the row for the other picture's file. */
void form_add_picture (Form *form, const char *text, GtkWidget *knob, const char *tip);

/* Sets the options of changed widgets, the file and the inputs in the request. RV_ERROR_SETTING: a value is invalid. */
gboolean form_read (Form *form, GError **error);
/* Sets an option, updates the widgets, and calls the FormFunc. An invalid value is ignored. */
void form_set (Form *form, const char *name, const char *value);

#endif
