; killed.scm -- starts a long run, which test-gimp.sh kills: the procedure returns an error, and the image is unchanged.
(load (string-append tests "/say.scm"))
(let ((image (open-picture "photo.png")))
  (gimp-image-clean-all image)
  (say "killed" (attempt (lambda () (style image "painting.png" "{\"iterations\": 9999999, \"log\": \"steps.log\"}"))))
  (say "layers" (count-layers image) "dirty" (car (gimp-image-is-dirty image)))
  (save-picture image "after.ppm")
  (say "again" (number? (attempt (lambda () (learned image "" "{\"with\": \"hokusai-wave\"}"))))))
(close-output-port port)
