; installed.scm -- paints a picture with the plug-in that a package has installed.
(let ((image (open-picture "lake.jpg")))
  (learned image "" "{\"with\": \"hokusai-wave\"}")
  (save-picture image "gimp.png"))
