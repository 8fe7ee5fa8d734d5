/* form.h -- a form made of the library's tables, for GIMP 2.10, which makes none itself: GTK 2. */
#ifndef FORM_H
#define FORM_H

#include "groups.h"

typedef struct _Form Form;

/* FormFunc: something in it has changed. */
typedef void (*FormFunc) (gpointer user_data);

/* form_new: in @box, filled as @asked, which is borrowed. form_free: once @box is gone. form_add_picture: one more row
 * beside the other picture's file. */
Form *form_new (GtkWidget *box, Asked *asked, FormFunc changed, gpointer user_data);
void form_free (Form *form);
void form_add_picture (Form *form, const char *text, GtkWidget *knob, const char *tip);

/* form_read: what somebody has moved, into @asked; FALSE: it cannot be. form_set: as if somebody had. */
gboolean form_read (Form *form, GError **error);
void form_set (Form *form, const char *name, const char *value);

#endif
