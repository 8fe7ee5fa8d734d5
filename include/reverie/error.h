/* error.h -- what can go wrong, and how callers tell the cases apart.
 * Layer 0 (base). Whoever detects an error writes one message: what was wrong and what to do. Callers only propagate.
 */
#ifndef RV_ERROR_H
#define RV_ERROR_H

#include <glib.h>
#include <reverie/version.h>
G_BEGIN_DECLS

#define RV_ERROR (rv_error_quark ())

/** RvError: what went wrong, for programs: the code of a #GError. What to do is in its message, for people. */
typedef enum {
  RV_ERROR_SETTING,   /* a setting out of its range, an unknown name: shown by the settings alone */
  RV_ERROR_FILE,      /* a file cannot be opened, read or written */
  RV_ERROR_FORMAT,    /* a file is damaged, or not what its reader expects */
  RV_ERROR_SHAPE,     /* sizes that do not fit together, a picture too small or too large */
  RV_ERROR_TYPE,      /* a tensor of the wrong element type */
  RV_ERROR_MEMORY,    /* an allocation failed, or would not fit */
  RV_ERROR_NUMBER,    /* a loss or gradient became NaN or infinite */
  RV_ERROR_CANCELLED, /* by a GCancellable, or by a callback before there was any result */
  RV_ERROR_BACKEND,   /* a compute library refused */
} RvError;

/** rv_error_quark: The error domain of every #GError this library sets. Can't fail. Since: 0.1 */
RV_API GQuark rv_error_quark (void);

/** rv_error_option: (nullable): the name of the option that the error is about, as rv_settings_set() takes it; NULL:
 * none. rv_error_options: all that its message speaks of, in single quotes, such as what to lower; NULL-terminated.
 * "size" is no option of any settings: it is that of the picture. Borrowed from @error. Since: 0.1 */
RV_API const char *rv_error_option (const GError *error);
RV_API const char *const *rv_error_options (const GError *error);

/** RvStopFunc: asked often by long calls, on the thread that made them; TRUE: the call is to stop as soon as it can.
 * Since: 0.1 */
typedef gboolean (*RvStopFunc) (gpointer user_data);

G_END_DECLS
#endif
